package org.charlstm.machine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import module java.base;

/** A page in a headless Chromium, driven by the protocol of its developer tools. */
public final class Browser implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 600;
    private static final int TRIES = 20;
    /** Milliseconds. */
    private static final int PAUSE = 50;
    private static final Pattern REFUSAL = Pattern.compile("the server responded with a status of (4\\d\\d)");

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger calls = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
    private final List<String> console = new ArrayList<>();
    private final List<String> requests = new ArrayList<>();
    private String session = "";

    /** Starts it. */
    public Browser(Path folder) throws Exception {
        Path profile = folder.resolve("browser");
        Path program = Chromium.program().orElseThrow();
        process = new ProcessBuilder(program.toString(), "--headless", "--no-sandbox", "--disable-gpu",
                "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank")
                .redirectErrorStream(true).redirectOutput(folder.resolve("browser.log").toFile()).start();
        Path said = profile.resolve("DevToolsActivePort");
        for (int i = 0; i < PATIENCE_SECONDS * 20 && process.isAlive() && lines(said) < 2; i++) {
            Thread.sleep(50);
        }
        assertTrue(lines(said) >= 2, () -> program + " does not say where it listens");
        List<String> lines = Files.readAllLines(said);
        socket = HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(
                URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)), new Listener()).join();
        String target = call("Target.createTarget", "{\"url\":\"about:blank\"}").get("targetId").getAsString();
        session = call("Target.attachToTarget", "{\"targetId\":\"" + target + "\",\"flatten\":true}").get("sessionId")
                .getAsString();
        for (String part : List.of("Runtime", "Log", "Network", "Page")) {
            call(part + ".enable", "{}");
        }
    }

    private static long lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }

    /** Hears what the browser says. */
    private final class Listener implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                heard(JsonParser.parseString(message.toString()).getAsJsonObject());
                message.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedStage(null);
        }
    }

    private void heard(JsonObject message) {
        if (message.has("id")) {
            CompletableFuture<JsonObject> answer = answers.remove(message.get("id").getAsInt());
            if (answer != null) {
                answer.complete(message);
            }
            return;
        }
        JsonObject params = message.getAsJsonObject("params");
        synchronized (this) {
            switch (message.get("method").getAsString()) {
                case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded" ->
                    console.add(params.toString());
                case "Network.requestWillBeSent" -> requests.add(params.getAsJsonObject("request").get("url")
                        .getAsString());
                default -> {
                    // The rest is of no interest.
                }
            }
        }
    }

    /** Calls a method of the protocol. */
    public JsonObject call(String method, String params) throws Exception {
        JsonObject call = new JsonObject();
        int id = calls.incrementAndGet();
        call.addProperty("id", id);
        call.addProperty("method", method);
        call.add("params", JsonParser.parseString(params));
        if (!session.isEmpty()) {
            call.addProperty("sessionId", session);
        }
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText(call.toString(), true).join();
        JsonObject message = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertTrue(message.has("result"), () -> call + " gives " + message);
        return message.getAsJsonObject("result");
    }

    /** Opens a page; whoever needs it whole waits for that. */
    public void open(URI page) throws Exception {
        JsonObject params = new JsonObject();
        params.addProperty("url", page.toString());
        call("Page.navigate", params.toString());
    }

    /** The value of an expression on the page. */
    public JsonElement value(String expression) throws Exception {
        JsonObject params = new JsonObject();
        params.addProperty("expression", expression);
        params.addProperty("returnByValue", true);
        params.addProperty("awaitPromise", true);
        JsonObject result = call("Runtime.evaluate", params.toString());
        assertTrue(!result.has("exceptionDetails"), () -> expression + " gives " + result);
        JsonElement value = result.getAsJsonObject("result").get("value");
        return value == null ? JsonNull.INSTANCE : value;
    }

    /** The same of a string. */
    public String text(String expression) throws Exception {
        return value(expression).getAsString();
    }

    /** Has the page so wide, in pixels, and in the light or the dark scheme. */
    public void look(int width, String scheme) throws Exception {
        call("Emulation.setEmulatedMedia", "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"" + scheme
                + "\"}]}");
        call("Emulation.setDeviceMetricsOverride", "{\"width\":" + width
                + ",\"height\":800,\"deviceScaleFactor\":1,\"mobile\":false}");
    }

    /** The strings of an array that an expression on the page gives. */
    public List<String> list(String expression) throws Exception {
        return value(expression).getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList();
    }

    /** Waits until something is so on the page. */
    public void await(String condition) throws Exception {
        for (int i = 0; i < PATIENCE_SECONDS * 20; i++) {
            JsonElement value = value("!!(" + condition + ")");
            if (value.getAsBoolean()) {
                return;
            }
            Thread.sleep(PAUSE);
        }
        throw new AssertionError(condition + " does not come true; the console has " + console() + ", and the page "
                + text("document.body.innerText"));
    }

    /** Presses a key where the focus is. */
    public void press(String key) throws Exception {
        for (String type : List.of("keyDown", "keyUp")) {
            call("Input.dispatchKeyEvent", "{\"type\":\"" + type + "\",\"key\":\"" + key + "\",\"code\":\"" + key
                    + "\",\"windowsVirtualKeyCode\":" + (key.equals("Tab") ? 9 : 0)
                    + (key.equals("Enter") && type.equals("keyDown") ? ",\"text\":\"\\r\"" : "") + "}");
        }
    }

    /** Presses the mouse in the middle of an element; again where the page moved it away in the meantime. */
    public void click(String selector) throws Exception {
        for (int tries = 0; tries < TRIES; tries++) {
            value("window.missed = true; document.querySelector('" + selector + "').addEventListener('click', "
                    + "() => window.missed = false, {once: true, capture: true})");
            JsonObject place = point(selector);
            place.addProperty("button", "left");
            place.addProperty("clickCount", 1);
            for (String type : List.of("mousePressed", "mouseReleased")) {
                place.addProperty("type", type);
                call("Input.dispatchMouseEvent", place.toString());
            }
            // A click may have led to another page, which knows nothing of it.
            if (!value("window.missed === true").getAsBoolean()) {
                return;
            }
            Thread.sleep(PAUSE);
        }
        throw new AssertionError("no click reaches " + selector);
    }

    /** Points at the middle of an element; gives where that is. */
    public JsonObject point(String selector) throws Exception {
        JsonObject box = JsonParser.parseString(text("(() => { const e = document.querySelector('" + selector
                + "'); e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
                + " return JSON.stringify({x: b.x + b.width / 2, y: b.y + b.height / 2}); })()")).getAsJsonObject();
        box.addProperty("type", "mouseMoved");
        call("Input.dispatchMouseEvent", box.toString());
        return box;
    }

    /** Those that a screen reader finds on the page: a role and a name each. */
    public List<String> found() throws Exception {
        List<String> found = new ArrayList<>();
        for (JsonElement each : call("Accessibility.getFullAXTree", "{}").getAsJsonArray("nodes")) {
            JsonObject node = each.getAsJsonObject();
            if (!node.get("ignored").getAsBoolean() && node.has("role")) {
                JsonObject name = node.getAsJsonObject("name");
                found.add(node.getAsJsonObject("role").get("value").getAsString() + " "
                        + (name == null || !name.has("value") ? "" : name.get("value").getAsString()));
            }
        }
        return found;
    }

    /** Has a field of a form another value, as if it were typed or chosen. */
    public void set(String selector, String value) throws Exception {
        value("(() => { const e = document.querySelector('" + selector + "'); e.value = '" + value
                + "'; e.dispatchEvent(new Event('change', {bubbles: true})); })()");
    }

    /** The same as it is typed or dragged. */
    public void type(String selector, String value) throws Exception {
        value("(() => { const e = document.querySelector('" + selector + "'); e.value = '" + value
                + "'; e.dispatchEvent(new Event('input', {bubbles: true})); })()");
    }

    /** Writes a picture of the whole page. */
    public void screenshot(Path file) throws Exception {
        Files.write(file, Base64.getDecoder().decode(call("Page.captureScreenshot",
                "{\"format\":\"png\",\"captureBeyondViewport\":true}").get("data").getAsString()));
    }

    /** The console's messages, with exceptions and violations of the page's policy. */
    public synchronized List<String> console() {
        return List.copyOf(console);
    }

    /** Takes answers that refuse something from the console; gives their statuses. */
    public synchronized List<String> forgiveRefusals() {
        List<String> statuses = console.stream().map(line -> REFUSAL.matcher(line)).filter(Matcher::find)
                .map(refusal -> refusal.group(1)).toList();
        console.removeIf(line -> REFUSAL.matcher(line).find());
        return statuses;
    }

    /** The addresses that the page has requested. */
    public synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() {
        // By its own way out, which leaves nothing behind in the system's folder for such.
        session = "";
        socket.sendText("{\"id\":0,\"method\":\"Browser.close\"}", true).join();
        process.onExit().completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }
}
