package interop;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.util.ServerInfo;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.context.WebServerGracefulShutdownLifecycle;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;
import org.springframework.web.socket.handler.TextWebSocketHandler;

/** Spring WebSocket on embedded Tomcat: what comes is sent back. */
@SpringBootApplication
@EnableWebSocket
public class Serve implements WebSocketConfigurer {
    private static final long LIFETIME_MS = 300_000;
    private static final Echo ECHO = new Echo();

    @Override
    public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
        registry.addHandler(ECHO, "/ws");
    }

    public static void main(String[] arguments) {
        daemon(Serve::untilStdinEnds);
        daemon(Serve::untilTooOld);
        var application = new SpringApplication(Serve.class);
        application.setDefaultProperties(Map.of(
            "management.endpoint.health.probes.enabled", "true",
            "server.address", "127.0.0.1",
            "server.port", "0",
            "logging.level.root", "error",
            "spring.main.banner-mode", "off"));
        if (arguments.length == 1 && arguments[0].equals("--graceful")) {
            application.addInitializers(context -> ((GenericApplicationContext) context)
                .registerBean(Goodbye.class));
        }
        var context = (ServletWebServerApplicationContext) application.run();
        System.out.printf(
            "{\"port\": %d, \"versions\": {\"spring-websocket\": \"%s\", "
                + "\"spring-boot\": \"%s\", \"tomcat\": \"%s\"}}%n",
            context.getWebServer().getPort(),
            WebSocketSession.class.getPackage().getImplementationVersion(),
            SpringBootVersion.getVersion(),
            ServerInfo.class.getPackage().getImplementationVersion());
    }

    private static void daemon(Runnable what) {
        var thread = new Thread(what);
        thread.setDaemon(true);
        thread.start();
    }

    private static void untilStdinEnds() {
        try {
            System.in.readAllBytes();
        } catch (IOException error) {
            System.err.println(error);
        }
        Runtime.getRuntime().halt(70);
    }

    private static void untilTooOld() {
        try {
            Thread.sleep(LIFETIME_MS);
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(70);
    }

    /** Closes the sessions when Tomcat takes no new ones any more, and before it cuts these. */
    static final class Goodbye implements SmartLifecycle {
        private volatile boolean running;

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            ECHO.goodbye();
            running = false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return WebServerGracefulShutdownLifecycle.SMART_LIFECYCLE_PHASE - 1;
        }
    }

    private static final class Echo extends TextWebSocketHandler {
        private final Set<WebSocketSession> open = ConcurrentHashMap.newKeySet();

        @Override
        public void afterConnectionEstablished(WebSocketSession session) {
            open.add(session);
        }

        @Override
        protected void handleTextMessage(WebSocketSession session, TextMessage message)
                throws IOException {
            session.sendMessage(message);
        }

        @Override
        public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
            open.remove(session);
        }

        private void goodbye() {
            for (var session : open) {
                try {
                    session.close(CloseStatus.SERVICE_RESTARTED);
                } catch (IOException error) {
                    System.err.println(error);
                }
            }
        }
    }
}
