package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.process.Jvm;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.DeviceProvider.Requirement;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code doctor} on machines with and without NVIDIA's libraries; the simulated GPU's stand for them. */
@InProcesses
@Order(4)
class DoctorTest {
    private static final Path NATIVE = Path.of("target", "native").toAbsolutePath();
    private static final Path NOWHERE = Path.of("/nonexistent");

    @TempDir
    private Path folder;

    /** Runs it where only these settings point to libraries. */
    private String doctor(Map<String, Object> settings, Object... arguments) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(Map.of("PATH", folder.resolve("bin").toString()));
        settings.forEach((name, value) -> environment.put(name, value.toString()));
        Tool tool = Jvm.run(folder, environment, Tiny.with(new Object[] {"doctor"}, arguments));
        assertEquals(0, tool.code(), tool.out());
        assertEquals("", tool.err());
        return tool.out();
    }

    /** The simulated GPU's driver and other settings of charlstm's; the value is one of its libraries, or as it is. */
    private static Map<String, Object> driver(Object... more) {
        Map<String, Object> settings = new HashMap<>(Map.of("CHARLSTM_LIBCUDA", NATIVE.resolve("libcuda.so.1")));
        for (int i = 0; i < more.length; i += 2) {
            settings.put("CHARLSTM_" + more[i], more[i + 1] instanceof String name && name.startsWith("lib")
                    ? NATIVE.resolve(name) : more[i + 1]);
        }
        return settings;
    }

    private void python(String script) throws IOException {
        Path python = Files.createDirectories(folder.resolve("bin")).resolve("python3");
        Files.writeString(python, "#!/bin/sh\n" + script + "\n");
        assertTrue(python.toFile().setExecutable(true));
    }

    private static void requireLines(String page, String... patterns) {
        for (String pattern : patterns) {
            assertTrue(page.lines().anyMatch(line -> line.matches(pattern)), () -> pattern + " is not in\n" + page);
        }
    }

    @Test
    @SecondCircle("another environment")
    void withoutAGpuItSaysWhatIsMissing() throws IOException, InterruptedException {
        String page = doctor(Map.of("CHARLSTM_LIBCUDA", NOWHERE.resolve("libcuda.so.1"), "CHARLSTM_SIM", NOWHERE,
                "CHARLSTM_LIBMPI", NOWHERE.resolve("libmpi.so.40"), "CHARLSTM_LIBNCCL",
                NOWHERE.resolve("libnccl.so.2"), "PMI_RANK", 1, "PMI_SIZE", 4));
        requireLines(page, "several processes:",
                "  launcher +a launcher that speaks PMI, such as MPICH's mpiexec: rank 1 of 4",
                "  MPI +missing: CHARLSTM_LIBMPI: /nonexistent/libmpi.so.40 does not exist",
                "  NCCL +missing: CHARLSTM_LIBNCCL: /nonexistent/libnccl.so.2 does not exist",
                "cuda: not here",
                "  GPU driver +missing: CHARLSTM_LIBCUDA: /nonexistent/libcuda.so.1 does not exist",
                "cpu: here",
                "  vectors +[0-9]+ bits",
                "cudasim: not here",
                "  GPU driver +missing: the simulated GPU is not here; .*native/build.sh /nonexistent.*",
                "reference: here; auto passes it over, .*",
                "--device auto takes cpu");
    }

    /** The JVM itself warns of such a file, so this is not asked of {@link #doctor}. */
    @Test
    @SecondCircle("another environment")
    void aFileThatIsNoLibraryIsSaid() throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("libcuda.so.1"), "no library");
        Tool tool = Jvm.run(folder, Map.of("CHARLSTM_LIBCUDA", file.toString()), "doctor");
        assertEquals(0, tool.code());
        requireLines(tool.out(), "  GPU driver +missing: .* cannot be opened");
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another environment, a process for each")
    void theSimulatedGpuIsNotTakenForAGpu() throws IOException, InterruptedException {
        String page = doctor(driver("LIBCUBLAS", "libcublas.so.12", "LIBCUDNN", "libcudnn.so.9", "SIM_CUDNN", "90501",
                "SIM_CUDART", "12040", "LIBNVRTC", "libnvrtc.so.12", "SIM_NVRTC", "off"));
        requireLines(page, "cuda: here; auto passes it over, the driver is the simulated GPU's, .*",
                "  GPU 0 +charlstm simulated GPU, compute capability 9.0, 8.0 GiB",
                "  GPU driver +CUDA 13.0, " + NATIVE.resolve("libcuda.so.1"),
                "  cuBLAS +12.6.0, " + NATIVE.resolve("libcublas.so.12"),
                "  cuDNN +9.5.1, " + NATIVE.resolve("libcudnn.so.9"),
                "  texts +none are compiled: CHARLSTM_SIM_NVRTC=off keeps NVIDIA's NVRTC and nvcc away; .*",
                "--device auto takes cpu");
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    void aDriverWithoutAGpuIsSaid() throws IOException, InterruptedException {
        String page = doctor(driver("SIM_FAULTS", "no_device"));
        requireLines(page, "cuda: not here",
                "  GPU driver +missing: cuInit failed with status 100 \\(CUDA_ERROR_NO_DEVICE\\); no GPU .*");
    }

    /** Wherever a python3 says that it looks for packages. */
    @Test
    @Needs(Need.SIMULATED_GPU)
    void librariesAreFoundAmongPythonsWheels() throws IOException, InterruptedException {
        python("echo /nonexistent\necho '" + folder.resolve("packages") + "'");
        Path packages = folder.resolve("packages/nvidia");
        Path cublas = Files.createDirectories(packages.resolve("cu13/lib")).resolve("libcublas.so.13");
        Path cudnn = Files.createDirectories(packages.resolve("cudnn/lib")).resolve("libcudnn.so.9");
        Files.copy(NATIVE.resolve("libcublas.so.13"), cublas);
        Files.copy(NATIVE.resolve("libcudnn.so.9"), cudnn);
        requireLines(doctor(driver()), "  cuBLAS +13.0.2, " + cublas,
                "  cuDNN +9.13.0, " + cudnn);
    }

    /** Nor does it wait for it long: the search is on the way of every start with a GPU. */
    @Test
    @Timeout(30)
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("a process that hangs; PythonWheelsTest has it")
    void aPythonThatDoesNotAnswerIsEndedWithWhatItStarted() throws IOException, InterruptedException {
        Path started = folder.resolve("started");
        python("/bin/sleep 61.5 & echo $! >>'" + started + "'; wait");
        String page = doctor(driver());
        requireLines(page,
                "  cuBLAS +missing: no libcublas.so.13 .* or among Python's wheels \\(.*/bin/python3 did not say "
                        + "within 5 s where they are\\); pip install nvidia-cublas, or set CHARLSTM_LIBCUBLAS "
                        + "to its file");
        List<String> children = Files.readAllLines(started);
        assertEquals(1, children.size(), "it is asked more than once");
        // A process that was killed may need a moment to be gone.
        ProcessHandle.of(Long.parseLong(children.getFirst())).ifPresent(child -> child.onExit().join());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another environment")
    void withoutAHomeNothingIsLeftInTheFolder(boolean empty) throws IOException, InterruptedException {
        Map<String, Object> settings = new HashMap<>(Map.of("CHARLSTM_SIM", NATIVE, "CHARLSTM_LIBCUDA", NOWHERE,
                "CHARLSTM_KERNELS", "nvrtc"));
        if (empty) {
            settings.put("HOME", "");
        }
        String page = doctor(settings);
        requireLines(page, "  kernels 0 .*, not cached, for neither CHARLSTM_CACHE nor HOME names a folder");
        assertEquals(List.of("standard-error"), List.of(folder.toFile().list()));
    }

    /** A python3 among whose packages are copies of the simulated GPU's libraries, each in a wheel of its own. */
    private void wheels(String... names) throws IOException {
        python("echo '" + folder.resolve("packages") + "'");
        for (String name : names) {
            Path wheel = folder.resolve("packages/nvidia").resolve(name.replaceFirst("lib(\\w+).*", "$1"));
            Files.copy(NATIVE.resolve(name), Files.createDirectories(wheel.resolve("lib")).resolve(name));
        }
    }

    /** Beside wheels of CUDA 12, where the loader finds cuBLAS 13. */
    private Map<String, Object> cudnnOfCuda12() throws IOException {
        Path loaders = Files.createDirectories(folder.resolve("loaders"));
        Files.copy(NATIVE.resolve("libcublas.so.13"), loaders.resolve("libcublas.so.13"));
        Map<String, Object> settings = driver("SIM_CUDART", "12040");
        settings.put("LD_LIBRARY_PATH", loaders);
        return settings;
    }

    /** cuDNN asks for cuBLAS of its own CUDA: another that is found first does not serve it. */
    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another environment")
    void allLibrariesAreOfCudnnsCuda() throws IOException, InterruptedException {
        wheels("libcudnn.so.9", "libcublas.so.12");
        requireLines(doctor(cudnnOfCuda12()), "  cuBLAS +12.6.0, .*/cublas/lib/libcublas.so.12",
                "  panama +serves, with cuBLAS 12.6.0");
    }

    /** It goes on without, as where there is no cuDNN: one that is not for the cuBLAS that is here serves nobody. */
    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another environment")
    void cudnnWithoutCublasOfItsCudaIsSaid() throws IOException, InterruptedException {
        wheels("libcudnn.so.9", "libnvrtc.so.12");
        String page = doctor(cudnnOfCuda12());
        requireLines(page, "cuda: here; auto passes it over, the driver is the simulated GPU's, .*",
                "  cuBLAS +13.0.2, .*/loaders/libcublas.so.13",
                "  cuDNN +missing: .*/libcudnn.so.9 is cuDNN 9.13.0 for CUDA 12 and needs its cuBLAS: no "
                        + "libcublas.so.12 on .*; pip install nvidia-cublas-cu12, or set CHARLSTM_LIBCUBLAS to its "
                        + "file; charlstm's own kernels run recurrent layers instead, slower",
                "  panama +serves, with cuBLAS 13.0.2");
    }

    /** cuDNN would end the process when it first needs the part. */
    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another environment")
    void aCudnnWithoutThePartThatHasItsLstmsIsMissing() throws IOException, InterruptedException {
        wheels("libcudnn.so.9", "libcublas.so.12");
        Files.createFile(folder.resolve("packages/nvidia/cudnn/lib/libcudnn_graph.so.9"));
        requireLines(doctor(cudnnOfCuda12()), "  cuDNN +missing: .* is cuDNN 9.13.0 for CUDA 12, whose LSTMs are in "
                + "libcudnn_adv.so.9, and that is not beside it; install all of cuDNN: .*");
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    void aGpuThatDoesNotTrainIsNotHere() throws IOException, InterruptedException {
        String page = doctor(driver("LIBCUBLAS", "libcublas.so.12", "KERNELS", "nvrtc", "SIM_DRIVER", "12040"));
        requireLines(page, "cuda: not here",
                "  kernels 0 +missing: .*no libnvrtc.so.12 on .*; pip install nvidia-cuda-nvrtc-cu12, or set "
                        + "CHARLSTM_LIBNVRTC to its file",
                "  panama +serves, with cuBLAS 12.6.0");
        Requirement engine = new Requirement(Requirement.ENGINE, false, "nothing runs an LSTM");
        assertEquals("it does not train: nothing runs an LSTM", DoctorCommand.Device.of(
                new DeviceProvider() {
                    @Override
                    public String name() {
                        return "gpu";
                    }

                    @Override
                    public Optional<String> unavailable(DeviceOptions options) {
                        return Optional.empty();
                    }

                    @Override
                    public List<Requirement> requirements(DeviceOptions options) {
                        return List.of(engine);
                    }

                    @Override
                    public Device open(DeviceOptions options) {
                        throw new AssertionError("nobody asked for it");
                    }
                }, DeviceOptions.DEFAULT).whyNot());
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another environment")
    void cudnnOfANewerCudaThanTheDriversIsSaid() throws IOException, InterruptedException {
        String page = doctor(driver("LIBCUDNN", "libcudnn.so.9", "SIM_DRIVER", "12040", "SIM_CUDART", "13000"));
        requireLines(page, "  cuDNN +missing: .* is cuDNN 9.13.0 for CUDA 13, newer than the GPU driver's CUDA 12.4; "
                + "update the driver, or pip install nvidia-cudnn-cu12; charlstm's own kernels run recurrent "
                + "layers instead, slower");
    }

    /** It does not run, so that cuBLAS need not be of its CUDA; without one, own kernels run recurrent layers. */
    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another environment")
    void withoutACudnnThatServesTheDriversCublasIsTaken() throws IOException, InterruptedException {
        wheels("libcudnn.so.9", "libcublas.so.12", "libcublas.so.13", "libnvrtc.so.12");
        Files.move(folder.resolve("packages/nvidia/cublas/lib/libcublas.so.13"),
                Files.createDirectories(folder.resolve("packages/nvidia/cu13/lib")).resolve("libcublas.so.13"));
        String page = doctor(driver("SIM_DRIVER", "12040", "SIM_CUDART", "13000", "CACHE", folder));
        requireLines(page, "  cuBLAS +12.6.0, .*/libcublas.so.12",
                "  cuDNN +missing: .* newer than the GPU driver's CUDA 12.4; .*; charlstm's own kernels run "
                        + "recurrent layers instead, slower",
                "cuda: here; auto passes it over, the driver is the simulated GPU's, .*");
    }

    /** All that keeps {@code auto} from it is that it is simulated. */
    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another environment")
    void aGpuWithoutCudnnIsHere() throws IOException, InterruptedException {
        String page = doctor(driver("LIBCUBLAS", "libcublas.so.12", "LIBCUDNN", NOWHERE.resolve("libcudnn.so.9"),
                "LIBNVRTC", "libnvrtc.so.12"));
        requireLines(page, "cuda: here; auto passes it over, the driver is the simulated GPU's, .*",
                "  cuDNN +missing: CHARLSTM_LIBCUDNN: /nonexistent/libcudnn.so.9 does not exist; charlstm's "
                        + "own kernels run recurrent layers instead, slower",
                "  panama +serves, with cuBLAS 12.6.0");
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another environment")
    void aCardThatIsNewerThanCudnnIsSaid() throws IOException, InterruptedException {
        Map<String, Object> settings = Map.of("CHARLSTM_SIM", NATIVE, "CHARLSTM_SIM_CUDNN_CAPABILITY", "890",
                "CHARLSTM_LIBCUDA", NOWHERE);
        String page = doctor(settings);
        requireLines(page, "  cuDNN for 0 .*/libcudnn.so.9 is cuDNN 9.13.0, which has code for compute capabilities "
                + "up to 8.9, and this GPU has 9.0: .*; install a newer one .*",
                "cudasim: here; .*");
    }

    /** A device that nobody asked for does not keep others from serving. */
    @Test
    @SecondCircle("another environment")
    void aGpuThatTheEnvironmentNamesWronglyIsSaid() throws IOException, InterruptedException {
        requireLines(doctor(Map.of("CHARLSTM_GPU", "second")),
                "  GPU driver +missing: CHARLSTM_GPU is 'second'; it can "
                        + "be a GPU's number from 0, or simulated",
                "--device auto takes cpu");
    }

    @Test
    @SecondCircle("another environment")
    void anEmptySettingIsNone() throws IOException, InterruptedException {
        String page = doctor(Map.of("CHARLSTM_LIBCUDA", ""));
        assertFalse(page.contains("lacks cuInit"), page);
    }

    @Test
    void jsonSaysTheSame() throws IOException, InterruptedException {
        JsonObject json = JsonParser.parseString(doctor(Map.of("CHARLSTM_LIBCUDA", NOWHERE), "--json"))
                .getAsJsonObject();
        assertEquals("cpu", json.get("auto").getAsString());
        assertTrue(json.getAsJsonObject("machine").has("processor"));
        JsonObject cuda = json.getAsJsonArray("devices").get(0).getAsJsonObject();
        assertEquals("cuda", cuda.get("name").getAsString());
        assertFalse(cuda.get("here").getAsBoolean());
        assertEquals(cuda.get("why_not"), cuda.getAsJsonArray("findings").get(0).getAsJsonObject().get("text"));
        JsonObject cpu = json.getAsJsonArray("devices").get(1).getAsJsonObject();
        assertTrue(cpu.get("here").getAsBoolean() && cpu.get("why_not").isJsonNull());
    }
}
