package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.charlstm.InProcesses;
import org.charlstm.cuda.Precision;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A GPU beside which no cuDNN is installed trains by charlstm's own kernels. */
@InProcesses
@Needs(Need.SIMULATED_GPU)
class WithoutCudnnTest {
    private static final Path NATIVE = Path.of("target", "native").toAbsolutePath();

    @TempDir
    private Path folder;

    private record Result(int code, String out, List<String> errors) {
    }

    @BeforeEach
    void takeCudnnAway() throws IOException {
        Path libraries = Files.createDirectory(folder.resolve("libraries"));
        for (String name : List.of("libcuda.so.1", "libcublas.so.12", "libcublas.so.13", "libnvrtc.so.12",
                "libnvrtc.so.13", "libcharlstm-sim.so")) {
            Files.copy(NATIVE.resolve(name), libraries.resolve(name));
        }
    }

    private Result train(String... more) throws IOException, InterruptedException {
        Map<String, String> environment = Map.of("CHARLSTM_SIM", folder.resolve("libraries").toString(),
                "CHARLSTM_SIM_ORDERS", "one");
        List<Object> line = new ArrayList<>(List.of("train", "--device", "cudasim", "--max-samples", 4, "--epochs", 2,
                "--hidden", 4, "--dense", 4, "--batch-size", 2, "--out", "run"));
        line.addAll(List.of(more));
        try (Jvm jvm = new Jvm(folder, environment, line.toArray())) {
            String out = new String(jvm.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(jvm.process().waitFor(), out,
                    jvm.errors().stream().filter(each -> !each.startsWith("charlstm sim: ")).toList());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTrainingRunsAndSaysSoOnce(Precision precision) throws IOException, InterruptedException {
        Result result = train("--precision", precision.toString());
        assertEquals(0, result.code, result.toString());
        assertTrue(result.out.contains("\nepoch 2/2 ") && result.out.contains(", no cuDNN, " + precision + ", ")
                && result.out.matches("(?s).*\nLSTM \\d+ x 2, 4 units: plain\n.*"), result.out);
        assertEquals(1, result.errors.size(), result.toString());
        assertTrue(result.errors.getFirst().matches("charlstm: warning: charlstm's own kernels run the LSTM, which is "
                + "slower than through cuDNN: .*/libcudnn.so.9 does not exist"), result.errors.getFirst());
        assertTrue(Files.exists(folder.resolve("run/model.safetensors")));
    }

    /** They run hard sigmoids anyway, and run what asks for them by name. */
    @Test
    void whatNeedsNoCudnnWarnsOfNothing() throws IOException, InterruptedException {
        for (List<String> options : List.of(List.of("--recurrent-activation", "hard_sigmoid"),
                List.of("--lstm", "plain", "--force"), List.of("--lstm", "fused", "--force"))) {
            Result result = train(options.toArray(String[]::new));
            assertEquals(0, result.code, result.toString());
            assertEquals(List.of(), result.errors);
        }
    }

    @Test
    void anAlgorithmOfCudnnsByNameIsRefused() throws IOException, InterruptedException {
        for (String asked : List.of("rnn-algo standard", "lstm cudnn")) {
            String setting = asked.substring(0, asked.indexOf(' '));
            Result result = train("--" + setting, asked.substring(setting.length() + 1));
            assertEquals(1, result.code, result.toString());
            assertEquals(1, result.errors.size(), result.toString());
            assertTrue(result.errors.getFirst().matches("charlstm: " + asked + " needs cuDNN: .*/libcudnn.so.9 does "
                    + "not exist; auto does without it \\(--" + setting + "\\)"), result.errors.getFirst());
            assertTrue(Files.notExists(folder.resolve("run/model.safetensors")));
        }
    }
}
