"""`lbcheck snapshot aws` saves what an audit reads."""

import json
import os
import pathlib
import stat
import subprocess
import sys

import boto3
import httpx
from moto.server import ThreadedMotoServer


def test_a_saved_state_is_private_and_can_be_audited(tmp_path: pathlib.Path) -> None:
    server = ThreadedMotoServer(port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        httpx.post(f"{url}/moto-api/reset")  # its state is this process's
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        session = boto3.Session(region_name="eu-west-1", **keys)
        vpc = session.client("ec2", endpoint_url=url).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
        session.client("elbv2", endpoint_url=url).create_target_group(
            Name="chat", Protocol="HTTP", Port=80, VpcId=vpc["VpcId"]
        )
        environment = dict(
            os.environ, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_ENDPOINT_URL=url
        )
        done = subprocess.run(
            [sys.executable, "-m", "lbcheck", "snapshot", "aws", "--region", "eu-west-1",
             "-o", "state.json"],
            cwd=tmp_path, env=environment, capture_output=True, text=True,
        )  # fmt: skip
    finally:
        server.stop()
    assert done.returncode == 0, done.stderr
    assert done.stdout == "state.json: saved aws 123456789012 eu-west-1\n"
    saved = tmp_path / "state.json"
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    document = json.loads(saved.read_text())
    assert document["schema"] == "lbcheck-aws/1"
    assert [group["TargetGroupName"] for group in document["TargetGroups"]] == ["chat"]
    audited = subprocess.run(
        [sys.executable, "-m", "lbcheck", "audit", "--snapshot", str(saved)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert audited.returncode == 0, audited.stdout + audited.stderr


def test_an_account_that_cannot_be_asked_still_gives_a_report(tmp_path: pathlib.Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    environment |= {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    done = subprocess.run(
        [sys.executable, "-m", "lbcheck", "audit", "--aws", "--region", "eu-west-1",
         "--format", "json"],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout)
    assert report["complete"] is False
    assert report["sources"][0]["status"] == "unread"
    assert [finding["code"] for finding in report["findings"]] == ["LB908"]
    assert "credentials" in report["findings"][0]["message"]
