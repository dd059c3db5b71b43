package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.lang.reflect.Proxy;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.logging.Level;
import java.util.logging.Logger;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.io.ModelFile;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.sample.streams.TextPlan;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The thread that has the device, when that fails, and models that take long to read. */
@Tag("outside")
class DeviceThreadTest {
    private static final TextPlan PLAN = new TextPlan(new int[0], SamplingOptions.DEFAULT.maxLength(20).pastEnd(true),
            0, false, new double[0], null);
    private static final long PATIENCE_MILLIS = 600_000;

    @TempDir
    private static Path folder;
    private static Path run;
    /** Has what the device throws, which is expected here. */
    private static final Logger LOG = Logger.getLogger(LoadedModel.class.getName());
    private final Device device = TestDevices.open("cpu");
    /** Thrown by the device at the next step, once. */
    private final AtomicReference<@Nullable Throwable> next = new AtomicReference<>();

    @BeforeAll
    static void train() {
        LOG.setLevel(Level.OFF);
        run = folder.resolve("run");
        Served.train(run);
    }

    @AfterAll
    static void logAgain() {
        LOG.setLevel(null);
    }

    @AfterEach
    void close() {
        device.close();
    }

    private Device failing() {
        return (Device) Proxy.newProxyInstance(Device.class.getClassLoader(), new Class<?>[] {Device.class},
                (_, method, arguments) -> {
                    Throwable failure = method.getName().equals("lease") ? next.getAndSet(null) : null;
                    if (failure != null) {
                        throw failure;
                    }
                    try {
                        return method.invoke(device, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static void ended(Throwable why) {
        throw new AssertionError("the thread ended", why);
    }

    private static List<JsonObject> text(DeviceThread deviceThread) {
        LoadedModel model = deviceThread.model(run.resolve(ModelFile.NAME));
        LineReader reader = new LineReader(model, LineReader.Options.all(0));
        deviceThread.submit(model, PLAN, reader);
        return reader.all(PATIENCE_MILLIS);
    }

    @Test
    void aFailureOfTheDeviceEndsItsTextsAndLaterOnesSucceed() {
        try (DeviceThread deviceThread = new DeviceThread(failing(), DeviceThreadTest::ended)) {
            List<JsonObject> expected = text(deviceThread);
            assertEquals(21, expected.size());
            for (Throwable failure : List.of(new OutOfMemoryError("a test's own"), new AssertionError("a test's own"),
                    new IllegalStateException("a test's own"))) {
                next.set(failure);
                Problem problem = assertThrows(Problem.class, () -> text(deviceThread));
                assertEquals(503, problem.status());
                assertTrue(problem.getMessage().contains("the device failed"), problem.getMessage());
                assertEquals(expected, text(deviceThread));
            }
        }
    }

    /** As a GPU after a kernel that failed: nobody is served from a device that can do nothing more. */
    @Test
    void aDeviceThatIsLostEndsTheServer() throws Exception {
        Device lost = (Device) Proxy.newProxyInstance(Device.class.getClassLoader(), new Class<?>[] {Device.class},
                (_, method, _) -> {
                    throw new CharlstmException(method.getName() + " is a test's own failure");
                });
        Logger log = Logger.getLogger(DeviceThread.class.getName());
        log.setLevel(Level.OFF);
        try (LocalServer server = new LocalServer(lost, List.of(run), new LocalServer.Settings(null, 0, null, false));
                HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(HttpRequest.newBuilder(
                    URI.create(server.address()).resolve("/api/top")).header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"prefix\": \"a \"}")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(503, answer.statusCode());
            String why = assertThrows(CharlstmException.class, server::await).getMessage() + "";
            assertTrue(why.matches("the server ended: the device is lost: .* a test's own failure; start it again"),
                    why);
        } finally {
            log.setLevel(null);
        }
    }

    @Test
    void aTaskThatFailsEndsNothingElse() {
        Logger log = Logger.getLogger(DeviceThread.class.getName());
        log.setLevel(Level.OFF);
        try (DeviceThread deviceThread = new DeviceThread(device, DeviceThreadTest::ended)) {
            List<JsonObject> expected = text(deviceThread);
            deviceThread.execute(() -> {
                throw new OutOfMemoryError("a test's own");
            });
            assertEquals(expected, text(deviceThread));
        } finally {
            log.setLevel(null);
        }
    }

    @Test
    void aFileThatHoldsNoModelIsReadOnceUntilItChanges() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken.safetensors"), "none");
        AtomicInteger read = new AtomicInteger();
        try (DeviceThread deviceThread = new DeviceThread(device, file -> {
            read.incrementAndGet();
            return ModelFile.load(file);
        }, DeviceThreadTest::ended)) {
            for (int i = 0; i < 3; i++) {
                assertEquals(500, assertThrows(Problem.class, () -> deviceThread.model(broken)).status());
            }
            assertEquals(1, read.get());
            Files.copy(run.resolve(ModelFile.NAME), broken, StandardCopyOption.REPLACE_EXISTING);
            assertSame(deviceThread.model(broken), deviceThread.model(broken));
            assertEquals(2, read.get());
        }
    }

    /** Those that are told to the thread as it ends too. */
    @Test
    void nobodyWaitsForAnEngineThatEnds() {
        DeviceThread deviceThread = new DeviceThread(device, DeviceThreadTest::ended);
        LoadedModel model = deviceThread.model(run.resolve(ModelFile.NAME));
        LineReader waiting = new LineReader(model, new LineReader.Options(false, 0, 1, -1, 0));
        deviceThread.submit(model, PLAN, waiting);
        LineReader told = new LineReader(model, LineReader.Options.all(0));
        deviceThread.submit(model, PLAN, told);
        deviceThread.close();
        assertTrue(waiting.isOver());
        assertTrue(told.isOver());
        assertEquals(503, assertThrows(Problem.class, () -> text(deviceThread)).status());
    }

    @Test
    void aModelThatIsReadKeepsNobodyElseWaiting() throws Exception {
        Path slow = Files.copy(run.resolve(ModelFile.NAME), folder.resolve("slow.safetensors"));
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor();
                DeviceThread deviceThread = new DeviceThread(device, file -> {
                    if (file.equals(slow)) {
                        begun.countDown();
                        await(free);
                    }
                    return ModelFile.load(file);
                }, DeviceThreadTest::ended)) {
            Future<LoadedModel> first = others.submit(() -> deviceThread.model(slow));
            await(begun);
            Future<LoadedModel> second = others.submit(() -> deviceThread.model(slow));
            try {
                Future<List<JsonObject>> other = others.submit(() -> text(deviceThread));
                assertEquals(21, other.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).size());
                assertFalse(first.isDone());
            } finally {
                free.countDown();
            }
            assertSame(first.get(), second.get(), "it is read twice");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
