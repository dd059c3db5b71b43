package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.process.Jvm;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.QuickStart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
/** Cases off the usual path that once went wrong. */
@Tag("long")
@Tag("outside")
class UnusualCasesTest {
    private static final Locale BEFORE = Locale.getDefault();

    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;
    /** The output of commands in no locale; null before it is asked for. */
    private static List<String> expected;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("run"));
    }

    /** One step whose loss is still a number leaves weights that are none: the model before it must survive. */
    @Test
    void weightsThatAreNotFiniteAreNotSaved() {
        Path run = folder.resolve("diverged");
        Tool tool = Tool.run("train", text, "--hidden", 8, "--dense", 8, "--epochs", 1, "--learning-rate", "3e38",
                "--out", run);
        assertEquals(Main.FAILED, tool.code());
        assertTrue(tool.err().contains("not saved") && tool.err().lines().count() == 1, tool.err());
        Tool.output("top", run);
    }

    /** A full disk behind standard output is a failure, not silence. */
    @Test
    @Needs(Need.DEV_FULL)
    void outputThatCannotBeWrittenIsAFailure() throws Exception {
        Path errors = folder.resolve("errors");
        int code = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                Main.class.getName(), "captions", "--count", "3")
                .redirectOutput(Path.of("/dev/full").toFile()).redirectError(errors.toFile()).start().waitFor();
        assertEquals(Main.FAILED, code);
        assertTrue(Files.readString(errors).contains("charlstm: standard output cannot be written"));
    }

    @Test
    @SecondCircle("another place")
    void latestMayBeThePlaceOfARun() throws Exception {
        Files.createDirectory(folder.resolve("work"));
        Object[] line = {"train", text, "--device", "reference", "--hidden", 8, "--dense", 8, "--epochs", 1};
        for (Tool tool : Jvm.runAll(folder.resolve("work"), Map.of(), QuickStart.withTests(),
                List.of(line, Tiny.with(line, "--out", "runs/latest", "--force")))) {
            assertEquals(0, tool.code(), tool.err());
        }
    }

    /** A run names its text from where it began, and the tool alone points runs/latest to a run. */
    @Test
    void aRunGoesOnFromAnotherFolder() throws Exception {
        Path work = Files.createDirectory(folder.resolve("begun"));
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.copy(text, work.resolve("captions.txt"));
        Files.copy(text, work.resolve("held.txt"));
        Object[] line = Tiny.training("captions.txt", "runs/a", "--device", "cpu", "--epochs", 1, "--validation",
                "held.txt");
        assertEquals(List.of(0, 0), Jvm.runAll(work, Map.of(), QuickStart.withTests(), List.<Object[]>of(line,
                new Object[] {"show", "runs/latest"})).stream().map(Tool::code).toList());
        Path run = work.resolve("runs/a");
        Object[] resumed = {"train", "--resume", run, "--epochs", 2};
        for (Tool tool : Jvm.runAll(elsewhere, Map.of(), QuickStart.withTests(), List.<Object[]>of(resumed))) {
            assertEquals(0, tool.code(), tool.err());
        }
        Files.delete(work.resolve("captions.txt"));
        for (Tool tool : Jvm.runAll(elsewhere, Map.of(), QuickStart.withTests(), List.<Object[]>of(resumed))) {
            assertEquals(
                    "charlstm: the text of " + run + " was " + work.resolve("captions.txt") + ", which is not there "
                            + "from here; name where it is: charlstm train --resume " + run + " TEXT\n",
                    tool.err());
        }
    }

    @Test
    void aDeviceThatIsNotHereIsAFailureRatherThanWrongUsage() {
        for (Object[] line : List.of(Tiny.training(text, folder.resolve("new"), "--device", "cuda:9"),
                new Object[] {"sample", model, "--device", "cuda:9"}, new Object[] {"top", model, "--device", "cuda:9"},
                new Object[] {"eval", model, text, "--device", "cuda:9"},
                new Object[] {"verify", model, text, "--device", "cuda:9"})) {
            assertTrue(Refusal.of(Main.FAILED, folder, line).contains("cuda"));
        }
    }

    @Test
    void aPortThatIsTakenIsRefused() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String refused = Refusal.of(Main.FAILED, folder, "serve", folder, "--port", taken.getLocalPort());
            assertTrue(refused.contains("port " + taken.getLocalPort() + " of 127.0.0.1 cannot be had"), refused);
        }
    }

    @Test
    void verboseShowsWhereAfterTheSameLine() {
        String line = Refusal.of(Main.FAILED, folder, "encode", folder.resolve("missing"));
        for (Object[] verbose : List.of(new Object[] {"--verbose", "encode", folder.resolve("missing")},
                new Object[] {"encode", folder.resolve("missing"), "--verbose"})) {
            Tool tool = Tool.run(verbose);
            assertEquals(Main.FAILED, tool.code());
            assertEquals(line, tool.err().lines().findFirst().orElseThrow());
            assertTrue(tool.err().contains("at org.charlstm."), tool.err());
        }
    }

    /** The first names a file that exists, so that only its expansion keeps it out of a sentence. */
    @Test
    void argumentsMeanWhatTheySay() {
        String file = "@" + Tiny.text(folder, "arguments", "--count\n1\n");
        Path trained = Tiny.train(Tiny.text(folder, "literal.txt", file + "\n@ 'a' \"b\" ${c} - --json\n"),
                folder.resolve("literal"), "--epochs", 1);
        for (String prime : List.of(file, "\"b\"", "'a'", "${c}", "-", "@", " ", "--json")) {
            List<String> lines = Tool.lines("sample", trained, "--count", 2, "--prime=" + prime);
            assertEquals(2, lines.size());
            lines.forEach(line -> assertTrue(line.startsWith(prime), line));
            assertEquals(2, Tool.lines("top", trained, "-k", 2, "--prefix=" + prime).size());
        }
    }

    @Test
    void aTextMayBeCalledAnything() {
        Path odd = Tiny.text(folder, "@a 'b' %s", "a cat\n");
        assertTrue(Tool.output("encode", odd).contains("\u22A2a cat\n"));
        String out = Tool.output(Tiny.training(odd, folder.resolve("%d"), "--epochs", 0));
        assertTrue(out.contains(odd.toString()), out);
    }

    @AfterEach
    void restore() {
        Locale.setDefault(BEFORE);
    }

    /** Over a thousand characters, so that the separator of thousands is seen too. */
    private static List<String> outputs() {
        Path text = Tiny.text(folder, "long.txt", (String.join("\n", Tiny.CAPTIONS) + "\n").repeat(5));
        List<String> all = new ArrayList<>();
        for (String[] json : List.of(new String[] {}, new String[] {"--json"})) {
            all.add(Tool.output(Tiny.with(new Object[] {"sample", model}, (Object[]) json)));
            all.add(Tool.output(Tiny.with(new Object[] {"top", model}, (Object[]) json)));
            all.add(Tool.output(Tiny.with(new Object[] {"verify", model, text}, (Object[]) json)));
            all.add(Tool.output(Tiny.with(new Object[] {"eval", model, text}, (Object[]) json)));
            all.add(Tool.output(Tiny.with(new Object[] {"encode", text}, (Object[]) json)));
        }
        all.add(Tool.output("captions", "--count", 3));
        String trained = Tool.output(Tiny.training(text, folder.resolve("again"), "--epochs", 2, "--force"));
        // Times differ from run to run; what they are written with may not.
        all.add(trained.replaceAll("[0-9]+\\.[0-9]{2}\\b", "time").replaceAll("[0-9,]+ characters/s", "speed"));
        all.add(Tool.run("sample", model, "--prime", "\u0001").err());
        all.add(Tool.run("sample", model, "--temperature", "-1.5").err());
        all.add(Tool.run("verify", model, text, "--caption", "100000").err());
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"de-DE", "tr-TR", "ar-EG", "fa-IR", "hi-IN-u-nu-deva", "fr-FR"})
    void outputsAreTheSame(String tag) {
        if (expected == null) {
            Locale.setDefault(Locale.ROOT);
            expected = outputs();
        }
        Locale.setDefault(Locale.forLanguageTag(tag));
        List<String> actual = outputs();
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i), actual.get(i));
        }
    }

    /** Without this the test above would compare a locale with itself. */
    @Test
    void theLocalesDoWriteNumbersDifferently() {
        assertNotEquals("1,000.50", String.format(Locale.forLanguageTag("de-DE"), "%,.2f", 1000.5));
        assertNotEquals("1,000.50", String.format(Locale.forLanguageTag("ar-EG"), "%,.2f", 1000.5));
        assertNotEquals("title", "TITLE".toLowerCase(Locale.forLanguageTag("tr-TR")));
    }
}
