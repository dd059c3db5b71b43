package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.console.Console;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Doubles;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Passing;
import org.charlstm.selftest.SpoiledDevice;
import org.charlstm.selftest.Tolerances;
import org.charlstm.selftest.models.ModelSelfTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code selftest}: what it prints and its exit code, on devices that are right and on one that is not. */
@Tag("long")
class SelftestCommandTest {
    @Test
    @SecondCircle("every check of a device; OperationsContractTest and ModelsContractTest have these")
    void aDeviceThatIsRightPasses() {
        String device = "cpu";
        List<String> lines = Tool.output("selftest", "--device", device, "--threads", 2).lines().toList();
        List<Check> checks = ModelSelfTest.checks(Tolerances.FLOAT32);
        assertTrue(lines.getFirst().startsWith(device + ": "), lines.getFirst());
        assertEquals("check                       cases  difference  tolerance  seconds", lines.get(2));
        for (int i = 0; i < checks.size(); i++) {
            String row = lines.get(3 + i);
            assertTrue(
                    row.startsWith(checks.get(i).name() + "  ")
                            && row.matches(".{26} +\\d+ +\\S+ +\\S+ +[\\d.]+  ok( .*)?"),
                    row);
        }
        assertEquals(List.of("", device + " passes all " + checks.size() + " checks"),
                lines.subList(3 + checks.size(), lines.size()));
    }

    @Test
    void jsonHoldsEveryCheck() {
        // Checks of a moment; the other test tells that the command runs all.
        List<Check> checks = ModelSelfTest.checks(Tolerances.FLOAT32).stream()
                .filter(check -> Set.of("gather and add", "graph against eager", "head as one", "draw")
                        .contains(check.name()))
                .map(check -> new Check(check.name(), check.tolerance(), check.cases().subList(0, 1))).toList();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Device device = Devices.open("cpu", new DeviceOptions(2))) {
            assertEquals(0,
                    SelftestCommand.run(new Console(new PrintStream(out), System.err, 0), device, checks, true));
        }
        List<JsonObject> lines = objects(out.toString(StandardCharsets.UTF_8));
        JsonObject end = lines.getLast();
        assertEquals(Set.of("device", "description", "passed", "failed", "not_run"), end.keySet());
        assertTrue(end.get("passed").getAsBoolean());
        assertEquals(checks.size() + 1, lines.size());
        for (int i = 0; i < checks.size(); i++) {
            JsonObject check = lines.get(i);
            assertEquals(checks.get(i).name(), check.get("check").getAsString());
            assertTrue(check.get("seconds").getAsDouble() >= 0);
            assertTrue(check.get("difference").getAsDouble() <= check.get("tolerance").getAsDouble());
            assertTrue(check.get("passed").getAsBoolean());
            // A processor records nothing.
            assertEquals(checks.get(i).name().equals("graph against eager"), check.has("message"));
        }
    }

    private static List<JsonObject> objects(String out) {
        return out.lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }

    @Test
    void checksAreChosenByName() {
        Tool tool = Tool.run("selftest", "--device", "cpu", "--threads", 1, "--json", "--only", "append,draw,pick",
                "--skip", "draw");
        assertEquals(0, tool.code(), tool.err());
        assertEquals(List.of("append", "pick"), objects(tool.out()).stream().filter(line -> line.has("check"))
                .map(line -> line.get("check").getAsString()).toList());
        Tool refused = Tool.run("selftest", "--skip", "drow");
        assertEquals(Main.USAGE, refused.code());
        assertTrue(refused.err().contains("--skip names no check 'drow'; there are Adam, "), refused.err());
    }

    /** A call that fails is a row of its own; what comes after it goes on. */
    @Test
    @Needs(Need.SIMULATED_GPU)
    void aCallThatFailsIsARow() {
        SimulatedGpu.set("CHARLSTM_SIM_RNN", "0:forward:5000");
        try {
            // It reads that where it is opened anew, which the command need not do.
            Gpu.open().close();
            Tool tool = Tool.run("selftest", "--device", "cudasim", "--rnn-algo", "standard");
            assertEquals(Main.FAILED, tool.code(), tool.out());
            assertEquals("", tool.err());
            List<String> rows = tool.out().lines().toList();
            List<String> failed = rows.stream().filter(row -> row.contains(" FAILED  ")).toList();
            assertTrue(failed.size() > 3 && failed.stream().allMatch(row -> row.matches(
                    ".*cudnn standard failed with status 5000 .*")), tool.out());
            for (String other : List.of("dense forward ", "Adam ", "draw ")) {
                assertTrue(rows.stream().anyMatch(row -> row.startsWith(other) && row.endsWith("  ok")), tool.out());
            }
            assertEquals("cudasim FAILED " + failed.size() + " of " + ModelSelfTest.checks(Tolerances.FLOAT32).size()
                    + " checks", rows.getLast());
        } finally {
            SimulatedGpu.set("CHARLSTM_SIM_RNN", null);
            Gpu.open().close();
        }
    }

    /** A device that draws wrongly and whose optimiser writes a NaN, on the checks that take no time. */
    @SuppressWarnings({"EffectivelyPrivate", "UnusedMethod", "UnusedVariable"}) // Passing calls the methods.
    private static Tool spoiled(int columns, boolean json) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(new PrintStream(out), new PrintStream(err), columns);
        try (Device device = new SpoiledDevice(right -> Passing.on(Operations.class, right, new Object() {
            public void draw(Matrix logits, Draw draw, long seed, Ints sentences, Ints position, Ints drawn) {
                throw new IllegalStateException("no drawing\ntoday");
            }
            public void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors,
                    Ints step) {
                double[] values = weights.read();
                values[0] = Double.NaN;
                weights.write(values);
            }
        }))) {
            List<Check> quick = ModelSelfTest.checks(Tolerances.FLOAT32).stream()
                    .filter(check -> Set.of("gather and add", "RMSprop", "draw").contains(check.name())).toList();
            int code = SelftestCommand.run(console, device, quick, json);
            return new Tool(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        }
    }

    private static String untimed(String line) {
        return line.replaceFirst(" +\\d+\\.\\d\\d(?=  (ok|FAILED))", "");
    }

    @Test
    void failuresAreNamedAndTheExitCodeIsOne() {
        Tool tool = spoiled(0, false);
        assertEquals(Main.FAILED, tool.code());
        assertEquals("", tool.err());
        List<String> lines = tool.out().lines().toList();
        assertEquals("spoiled: wrong on purpose", lines.getFirst());
        assertTrue(lines.get(3).matches("gather and add                 11           0          0 +[\\d.]+  ok"),
                lines.get(3));
        assertTrue(untimed(lines.get(4)).startsWith("RMSprop                        10         NaN    1.9e-06  FAILED  "
                + "1 weights, RmsProp[decay=0.9, epsilon=1.0E-7, weightDecay=0.0]: weights[0] is NaN, not "),
                lines.get(4));
        assertEquals("draw                           32         NaN          0  FAILED  V 1, temperature 0.0: "
                + "java.lang.IllegalStateException: no drawing today", untimed(lines.get(5)));
        assertEquals(List.of("", "spoiled FAILED 2 of 3 checks"), lines.subList(6, lines.size()));
    }

    @Test
    void failuresAreInTheJson() {
        Tool tool = spoiled(0, true);
        assertEquals(Main.FAILED, tool.code());
        List<JsonObject> lines = objects(tool.out());
        assertFalse(lines.getLast().get("passed").getAsBoolean());
        assertTrue(lines.get(0).get("passed").getAsBoolean());
        JsonObject draw = lines.get(2);
        assertFalse(draw.get("passed").getAsBoolean());
        assertTrue(draw.get("difference").isJsonNull(), "JSON has no NaN");
        assertTrue(draw.get("message").getAsString().endsWith("no drawing today"));
    }

    @Test
    void progressIsForTerminalsAndIsWipedAway() {
        Tool tool = spoiled(80, false);
        assertEquals(spoiled(0, false).out().replaceAll("\\d\\.\\d\\d", ""), tool.out().replaceAll("\\d\\.\\d\\d", ""));
        assertEquals("gather and add ...", tool.err().substring(1, 80).strip());
        assertTrue(tool.err().contains("\r" + " ".repeat(79) + "\r\rRMSprop ..."), tool.err());
        assertTrue(tool.err().endsWith("\r") && !tool.err().contains("\n"), tool.err());
    }
}
