package org.charlstm.cli.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.Python;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The image of bench/image.sh, unpacked elsewhere and run without Java, on the simulated GPU. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "the image is for Linux on x86-64")
@InProcesses
@Order(2)
@Needs({Need.SIMULATED_GPU, Need.BASH, Need.PYTHON, Need.TAR, Need.JLINK})
@SecondCircle("the image of bench/image.sh: jlink and a copy of the tool, which other tests run from its jar")
class ImageTest {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final long UNPACKED_LIMIT = 64_000_000;
    private static final long PACKED_LIMIT = 36_000_000;
    /** All that the image may ask of a machine, beside python3. */
    private static final List<String> TOOLS = List.of("bash", "dirname", "readlink", "stty");
    private static final Set<String> STAGES = Set.of("probe", "doctor", "selftest-bf16-standard",
            "pytorch", "train-float32", "pytorch-float32", "train-tf32", "pytorch-tf32", "train-bf16",
            "pytorch-bf16", "pytorch-fp16", "train-no-graph", "train-pedantic", "train-plain", "train-fused",
            "train-fused-bf16", "train-fused-bf16-parts-2", "train-jcuda", "sample-1", "sample-64", "sample-1000",
            "waves", "sends", "train-units-8-layers-2-bf16", "pytorch-units-8-layers-2-bf16",
            "pytorch-units-8-layers-2-fp16",
            "train-units-8-layers-2-float32", "pytorch-units-8-layers-2-float32", "train-units-8-layers-2-bf16-fused",
            "train-units-8-layers-2-bf16-in-order", "train-fused-bf16-parts-2-early-off", "kernels-bf16-fused",
            "kernels-ncu", "sweep-hidden-8-batch-4", "sanitize-memcheck-bf16-fused");

    @TempDir
    private static Path folder;
    private static Path image;
    private static long unpacked;

    private record Result(int code, String out, String err) {
    }

    private static Result run(Map<String, String> environment, Object... line)
            throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(Stream.of(line).map(Object::toString).toList())
                .redirectOutput(out.toFile()).redirectError(err.toFile());
        if (environment != null) {
            builder.environment().clear();
            builder.environment().putAll(environment);
        }
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(20, TimeUnit.MINUTES), "it does not end");
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs something of the image where nothing else is but the tools that it needs. */
    private static Result inside(Object... line) throws IOException, InterruptedException {
        return run(surroundings(), line);
    }

    private static Map<String, String> surroundings() {
        // The kernels' own tests run blocks in every order; here it would only take time.
        return new HashMap<>(Map.of("PATH", folder.resolve("bin").toString(), "HOME", folder.toString(),
                "CHARLSTM_SIM_ORDERS", "one"));
    }

    /** A script in the place of a program that is elsewhere. */
    private static void stand(Path script, String program) throws IOException {
        Files.writeString(script, "#!" + Bash.file() + "\nexec '" + program + "' \"$@\"\n");
        assertTrue(script.toFile().setExecutable(true));
    }

    @BeforeAll
    static void make() throws IOException, InterruptedException {
        // A python3 on the PATH may be a script that needs more of its surroundings.
        String python = run(null, "python3", "-c", "import sys; print(sys.executable)").out.strip();
        Path bin = Files.createDirectory(folder.resolve("bin"));
        for (String tool : TOOLS) {
            stand(bin.resolve(tool), Installed.named(tool).toString());
        }
        // Without what is installed beside it, such as PyTorch, which has a test of its own.
        stand(bin.resolve("python3"), python + "' '-S");

        Path made = folder.resolve("made").resolve("charlstm-image");
        Result result = run(null, "bash", "bench/image.sh", "--with-sim", "--jar", TARGET.resolve("charlstm.jar"),
                made);
        assertEquals(0, result.code, result.out + result.err);
        assertTrue(result.err.matches("(?s)(.*\n)?image.sh: making a Java of what charlstm needs from /.*\n"
                + "image.sh: this Java needs (glibc \\d\\.\\d+|musl) or newer\n(image.sh: so it does not run on .*\n)?"
                + "image.sh: adding charlstm and its libraries\nimage.sh: adding the simulated GPU\n"
                + "image.sh: packing\n.*"), "image.sh is silent while it works: " + result.err);
        assertTrue(result.out.matches("(?s).*; kernels: (none, the host needs NVRTC|\\d+ fat binaries of CUDA (\\d+), "
                + "which need a GPU driver of CUDA \\2( \\(\\d+\\))? or newer)\n.*"), result.out);
        assertTrue(Files.size(made.resolveSibling("charlstm-image.tar.gz")) <= PACKED_LIMIT, result.out);
        // A place that is not where it was made, with a space in its name.
        Path place = Files.createDirectory(folder.resolve("another place"));
        result = run(null, "tar", "-xzf", made.resolveSibling("charlstm-image.tar.gz"), "-C", place);
        assertEquals(0, result.code, result.err);
        image = place.resolve("charlstm-image");
        try (Stream<Path> files = Files.walk(image)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                unpacked += Files.size(file);
            }
        }
        keepClasses();
    }

    /** As charlstm does where it is built; a user's image does without. Here many processes live for a moment each. */
    private static void keepClasses() throws IOException, InterruptedException {
        Result result = run(null, "bash", "-c",
                "cd \"$0\" && source ./charlstm && jdk=$PWD/runtime place=$PWD archive_classes", image);
        assertEquals(0, result.code, result.err);
        assertTrue(Files.exists(image.resolve("charlstm.jsa")), "the classes of the usual commands are not kept");
    }

    @Test
    void isNotLargerThanItMayBeAndHasNoDesktop() throws Exception {
        assertTrue(unpacked <= UNPACKED_LIMIT, unpacked + " bytes");
        List<String> modules = inside(image.resolve("runtime/bin/java"), "--list-modules").out.lines()
                .map(line -> line.replaceFirst("@.*", "")).toList();
        assertTrue(modules.contains("jdk.incubator.vector"), modules.toString());
        assertFalse(modules.contains("java.desktop"), modules.toString());
    }

    @Test
    void runsWithoutJava() throws Exception {
        Result doctor = inside(image.resolve("charlstm"), "doctor");
        assertEquals(0, doctor.code, doctor.err);
        assertEquals("", doctor.err);
        assertTrue(doctor.out.contains("\ncudasim: here"), doctor.out);
        Path run = folder.resolve("run");
        Result train = inside(image.resolve("charlstm"), "train", "--device", "cudasim", "--max-samples", 10,
                "--epochs", 1, "--hidden", 16, "--dense", 16, "--batch-size", 4, "--out", run);
        assertEquals(0, train.code, train.err);
        assertEquals("", train.err);
        Result sampled = inside(image.resolve("charlstm"), "sample", run, "--device", "cpu");
        assertTrue(sampled.code == 0 && sampled.err.isEmpty(), sampled.err);
    }

    /** As the libraries of its own Java ask for it. */
    @Test
    void saysWhichCLibraryItNeedsBeforeJavaStarts() throws Exception {
        String libc = JsonParser.parseString(Files.readString(image.resolve("image.json"))).getAsJsonObject()
                .get("libc").getAsString();
        List<String> head = Files.readAllLines(image.resolve("charlstm")).subList(0, 6);
        assertTrue(head.contains("needs_libc='" + libc + "'"), head.toString());
        Path old = Files.createDirectory(folder.resolve("old"));
        for (String name : List.of("getconf", "ldd")) {
            Files.writeString(old.resolve(name), "#!" + Bash.file() + "\necho glibc 2.2\n");
            assertTrue(old.resolve(name).toFile().setExecutable(true));
        }
        Map<String, String> surroundings = surroundings();
        surroundings.merge("PATH", old.toString(), (path, first) -> first + ":" + path);
        Result refused = run(surroundings, image.resolve("charlstm"), "doctor");
        assertEquals(1, refused.code);
        assertTrue(refused.err.matches("charlstm: this Java needs " + libc + " or newer, and here is glibc 2.2: .*\n"),
                refused.err);
    }

    @Test
    void theWholeBenchRunsInIt() throws Exception {
        Path record = folder.resolve("gpu.json");
        Map<String, String> surroundings = surroundings();
        surroundings.put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
        Result result = run(surroundings, image.resolve("bench/gpu.sh"), "--device", "cudasim", "--quick", "--minutes",
                20, "--out", record);
        JsonObject json = JsonParser.parseString(Files.readString(record)).getAsJsonObject();
        JsonObject stages = json.getAsJsonObject("stages");
        assertEquals(STAGES, stages.keySet(), result.err);
        List<String> failed = new ArrayList<>();
        stages.asMap().forEach((name, entry) -> {
            JsonObject stage = entry.getAsJsonObject();
            String status = stage.get("status").getAsString();
            assertTrue(stage.has("seconds") && (status.equals("ok") || stage.has("message")), name + " " + status);
            if (!List.of("ok", "skipped").contains(status)) {
                failed.add(name);
            }
        });
        assertEquals(failed.isEmpty() ? 0 : 1, result.code, result.err);
        assertEquals(List.of(), failed, () -> failed.stream().map(stage -> stage + ": " + stages.get(stage)).toList()
                .toString());
        String device = stages.getAsJsonObject("selftest-bf16-standard").getAsJsonObject("result").get("description")
                .getAsString();
        assertTrue(device.contains(", bf16, "), device);
        // Two bindings of the same libraries, told apart by no bit.
        JsonObject byJcuda = stages.getAsJsonObject("train-jcuda");
        assertEquals("ok", byJcuda.get("status").getAsString(), byJcuda.toString());
        assertEquals(stages.getAsJsonObject("train-no-graph").getAsJsonObject("result").get("losses"),
                byJcuda.getAsJsonObject("result").get("losses"));
        JsonObject trained = stages.getAsJsonObject("train-float32").getAsJsonObject("result");
        assertEquals(2, trained.getAsJsonArray("losses").size());
        String choices = trained.getAsJsonObject("device").getAsJsonArray("choices").toString();
        assertTrue(choices.contains("standard"), choices);
        String inParts = stages.getAsJsonObject("train-fused-bf16-parts-2").getAsJsonObject("result")
                .getAsJsonObject("device").getAsJsonArray("choices").toString();
        assertTrue(inParts.contains("fused in 2 parts"), inParts);
        assertEquals("{\"16\":32}",
                stages.getAsJsonObject("waves").getAsJsonObject("result").get("sequences").toString());
        assertEquals(Set.of("pieces", "rows", "wide"),
                stages.getAsJsonObject("sends").getAsJsonObject("result").keySet());
        assertEquals(1, stages.getAsJsonObject("train-fused-bf16-parts-2-early-off").getAsJsonObject("result")
                .get("epochs_compared").getAsInt());
        assertTrue(trained.get("median_seconds").getAsDouble() > 0);
        assertTrue(json.getAsJsonObject("hardware").getAsJsonObject("libraries").has("cuDNN"));
        assertTrue(json.getAsJsonObject("charlstm").get("commit").getAsString().matches("[0-9a-f]*"));
        assertTrue(result.out.contains("\nfloat32 "), result.out);
        assertFalse(Files.exists(record.resolveSibling("gpu.json.part")));
        try (Stream<Path> files = Files.walk(image)) {
            assertTrue(files.noneMatch(file -> file.endsWith("__pycache__")), "it leaves files in the image");
        }
    }

    /** The script of the peer, where some Python has a PyTorch; a CPU does for it. */
    @Test
    @Needs(Need.TORCH)
    void pytorchTrainsOnTheCaptionsAsTheyAreEncodedHere() throws Exception {
        Path captions = folder.resolve("captions.txt");
        Files.writeString(captions, inside(image.resolve("charlstm"), "captions", "--count", 10).out);
        Path encoded = folder.resolve("encoded.json");
        Files.writeString(encoded, inside(image.resolve("charlstm"), "encode", captions, "--json").out);
        for (String precision : List.of("bf16", "fp16")) {
            pytorchTrains(precision, captions, encoded);
        }
        // The captions are compared before anything is of a precision.
        Files.writeString(captions, Files.readString(captions).replaceFirst("a", "b"));
        Result result = run(null, peer("bf16", captions, encoded));
        assertTrue(result.code == 1 && result.err.contains("not the captions"), result.err);
    }

    private static Object[] peer(String precision, Path captions, Path encoded) {
        return new Object[] {"env", "OMP_NUM_THREADS=1", Python.having("torch").orElseThrow(),
            image.resolve("bench/pytorch_gpu.py"), captions, encoded,
            "--device", "cpu", "--precision", precision, "--epochs", "2", "--batch-size", "8", "--hidden", "16"};
    }

    private static void pytorchTrains(String precision, Path captions, Path encoded) throws Exception {
        Result result = run(null, peer(precision, captions, encoded));
        assertEquals(0, result.code, result.err);
        JsonObject json = JsonParser.parseString(result.out).getAsJsonObject();
        List<Double> losses = json.getAsJsonArray("losses").asList().stream().map(loss -> loss.getAsDouble())
                .toList();
        assertTrue(losses.size() == 2 && losses.get(1) < losses.get(0), losses.toString());
        String way = json.getAsJsonObject("lstm").get("way").getAsString();
        assertTrue(Set.of("oneDNN", "operation by operation").contains(way), way);
    }
}
