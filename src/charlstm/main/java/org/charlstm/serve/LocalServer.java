package org.charlstm.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Quantity;
import org.charlstm.base.Setting;
import org.charlstm.device.Device;
import org.jspecify.annotations.Nullable;

/** Serves runs and models. The number of requests is bounded, each has a thread, and files are reached only by ids. */
public final class LocalServer implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 15_000;
    private static final int MAX_REQUESTS = 512;
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            + "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final String UPLOT = "META-INF/resources/webjars/uplot/1.6.30/dist/";

    static {
        // Limits of the JDK's server. A property that is already set keeps its value.
        Properties properties = System.getProperties();
        properties.putIfAbsent("sun.net.httpserver.maxReqTime", "15");
        properties.putIfAbsent("sun.net.httpserver.idleInterval", "10");
        properties.putIfAbsent("sun.net.httpserver.clockTick", "1000");
        properties.putIfAbsent("sun.net.httpserver.maxIdleConnections", "200");
        properties.putIfAbsent("sun.net.httpserver.maxReqHeaders", "100");
        properties.putIfAbsent("sun.net.httpserver.maxReqHeaderSize", "32768");
        properties.putIfAbsent("jdk.httpserver.maxConnections", "1024");
        // Sends lines without delay.
        properties.putIfAbsent("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore requests = new Semaphore(MAX_REQUESTS);
    private final ClientTimeout timeout;
    private final DeviceThread deviceThread;
    private final Catalog catalog;
    private final Api api;
    private final Access access;
    private final String address;
    private final CountDownLatch ended = new CountDownLatch(1);
    /** The reason why the device's thread ended before it was closed; null if it did not. */
    private volatile @Nullable Throwable failure;

    /**
     * The server's address. {@code listen} is an address or name of this machine, or null for loopback; port 0 takes
     * any free port. A null token means none on loopback and a random token elsewhere.
     */
    public record Settings(@Nullable String listen, int port, @Nullable String token, boolean allowStop) {
    }

    /** Starts the server, which alone uses the device until it is closed; afterwards the caller closes the device. */
    public LocalServer(Device device, List<Path> given, Settings settings) {
        this(device, given, settings, PATIENCE_MILLIS);
    }

    LocalServer(Device device, List<Path> given, Settings settings, long patienceMillis) {
        catalog = new Catalog(given);
        String listen = settings.listen() == null ? null : settings.listen().replaceAll("^\\[(.*)]$", "$1");
        InetAddress at = listen == null ? InetAddress.getLoopbackAddress() : resolved(listen);
        boolean everywhere = !at.isLoopbackAddress();
        try {
            server = HttpServer.create(new InetSocketAddress(at, settings.port()), MAX_REQUESTS);
        } catch (BindException e) {
            throw new CharlstmException("port " + settings.port() + " of " + at.getHostAddress() + " cannot be had: "
                    + e.getMessage() + "; take another, or 0 for any that is free", e).mendedBy(Setting.PORT);
        } catch (IOException e) {
            throw new CharlstmException("cannot listen on " + at.getHostAddress() + ": " + IoFailure.of(e), e);
        }
        int port = server.getAddress().getPort();
        String token = settings.token() == null && everywhere ? Access.randomToken(24) : settings.token();
        access = new Access(listen == null ? "localhost" : listen, everywhere, token, port);
        String shown = at.isAnyLocalAddress() ? "localhost" : listen == null ? at.getHostAddress() : listen;
        address = "http://" + (shown.contains(":") ? "[" + shown + "]" : shown) + ":" + port + "/"
                + (token == null ? "" : "?token=" + token);
        timeout = new ClientTimeout(patienceMillis);
        deviceThread = new DeviceThread(device, why -> {
            failure = why;
            ended.countDown();
        });
        api = new Api(catalog, deviceThread, settings.allowStop());
        server.createContext("/", this::handle);
        server.setExecutor(request -> threads.execute(() -> timeout.request(request)));
        server.start();
        threads.execute(() -> catalog.runs().parallelStream().forEach(ServedRun::readAhead));
    }

    private static InetAddress resolved(String name) {
        try {
            return InetAddress.getByName(name);
        } catch (UnknownHostException e) {
            throw new CharlstmException("this machine has no address " + name, e).mendedBy(Setting.ADDRESS);
        }
    }

    /** The address for a browser, including the token if there is one. */
    public String address() {
        return address;
    }

    /** The number of runs and models served, in words such as {@code 2 runs and 1 model}. */
    public String served() {
        String all = Quantity.of(catalog.runs().size(), "runs") + " and "
                + Quantity.of(catalog.models().size(), "models");
        return catalog.leftOut() == 0 ? all : all + " (the last by name; " + Quantity.of(catalog.leftOut(), "others")
                + " left out)";
    }

    /** Waits until {@link #end} is called. */
    public void await() throws InterruptedException {
        ended.await();
        Throwable why = failure;
        if (why != null) {
            throw new CharlstmException("the server ended: " + (why instanceof CharlstmException ? why.getMessage()
                    : why.toString()) + "; start it again", why);
        }
    }

    public void end() {
        ended.countDown();
    }

    int texts() {
        return api.texts.open();
    }

    int requests() {
        return MAX_REQUESTS - requests.availablePermits();
    }

    private void handle(HttpExchange exchange) throws IOException {
        timeout.hasHeaders();
        Call call = new Call(exchange, timeout);
        boolean room = false;
        try {
            harden(call.answer());
            access.check(call.headers());
            if (isLetIn(call)) {
                // Received before a slot is taken, so a client that sends nothing blocks nobody.
                call.receive();
                room = requests.tryAcquire();
                Problem.throwIf(!room, 503, MAX_REQUESTS + " requests are under way; try again later");
                answer(call);
            }
        } catch (Problem problem) {
            sendProblem(call, problem);
        } catch (InterruptedException | IOException e) {
            // The client is gone or was too slow, or the server is ending.
            System.getLogger(LocalServer.class.getName()).log(System.Logger.Level.DEBUG, "a request ended", e);
        } catch (RuntimeException | Error e) {
            System.getLogger(LocalServer.class.getName()).log(System.Logger.Level.ERROR, "a request failed", e);
            sendProblem(call, new Problem(500, "this is a mistake in charlstm; the server's log has more"));
        } finally {
            if (room) {
                requests.release();
            }
            call.close();
        }
        // The JDK's server counts a connection with an incomplete answer, even a closed one, until a handler fails.
        // After a complete answer this exception has no effect.
        throw new IOException("the exchange is over");
    }

    private void sendProblem(Call call, Problem problem) {
        if (!call.isAnswered()) {
            timeout.quietly(() -> {
                if (problem.status() == 401) {
                    call.answer().set("WWW-Authenticate", "Bearer");
                }
                call.json(problem.status(), problem.json());
                return problem;
            });
        }
    }

    private static void harden(Headers headers) {
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
    }

    /** Whether a request has the token, if one is needed. A browser that brings a new token is redirected. */
    private boolean isLetIn(Call call) throws IOException {
        String cookie = call.path().equals("/") ? access.cookieFor(call.query()) : null;
        if (cookie != null) {
            Api.require(call, "GET").answer().set("Set-Cookie", cookie);
            call.answer().set("Location", "/");
            call.bytes(303, "text/plain", new byte[0]);
            return false;
        }
        access.authenticate(call.headers());
        return true;
    }

    private void answer(Call call) throws IOException, InterruptedException {
        String file = file(call.path());
        if (file == null) {
            api.answer(call);
        } else {
            Api.require(call, "GET").bytes(200, type(file), read(file));
        }
    }

    /** The page's file for a request's path: in this package, or by its full path in a jar; null if there is none. */
    private static @Nullable String file(String path) {
        return switch (path) {
            case "/" -> "index.html";
            case "/style.css", "/main.js", "/runs.js", "/table.js", "/view.js", "/chart.js", "/color.js", "/play.js",
                    "/units.js", "/icon.svg" ->
                path.substring(1);
            case "/uplot.js" -> UPLOT + "uPlot.esm.js";
            case "/uplot.css" -> UPLOT + "uPlot.min.css";
            default -> null;
        };
    }

    private static String type(String file) {
        return switch (file.substring(file.lastIndexOf('.') + 1)) {
            case "html" -> "text/html; charset=utf-8";
            case "js" -> "text/javascript; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            default -> "image/svg+xml";
        };
    }

    private static byte[] read(String file) throws IOException {
        try (InputStream in = file.startsWith(UPLOT) ? LocalServer.class.getClassLoader().getResourceAsStream(file)
                : LocalServer.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new Problem(404, "this part of the page is not installed");
            }
            return in.readAllBytes();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        deviceThread.close();
        timeout.close();
    }
}
