package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines that cannot be meant, and values out of range: one line on standard error, nothing else. */
class BadInputTest {
    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("run"));
    }

    private static Object[] line(Stream<Object> start, String options) {
        return Stream.concat(start, Stream.of(options.split(" "))).toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--batch-size 0", "--batch-size -8", "--batch-size x", "--batch-size 1.5",
        "--batch-size 99999999999", "--epochs -1", "--epochs x", "--hidden 0", "--hidden 2000000", "--dense -1",
        "--learning-rate nan", "--learning-rate NaN", "--learning-rate 0", "--learning-rate -1",
        "--learning-rate Infinity", "--learning-rate 1e999", "--threads 0", "--threads -1", "--threads 1000000",
        "--max-samples 0", "--max-samples -1", "--max-caption 0", "--max-caption 5:leave",
        "--seed x", "--validation-split 1", "--validation-split -0.1",
        "--validation-split NaN", "--validation captions.txt --validation-split 0.5", "--sample-every 0",
        "--sample-every -1", "--sample-count 0", "--device tpu", "--device CPU",
        "--device cuda:", "--device cuda:-1", "--device cuda:x", "--device cuda:99999", "--device cpu:0",
        "--device auto:0", "--rnn-algo fast", "--rnn-algo Standard", "--precision fp8", "--lstm keras"})
    void trainRefusesTheValue(String option) {
        for (Object[] out : List.of(new Object[] {}, new Object[] {"--out", folder.resolve("new")})) {
            String message = Refusal.of(Main.USAGE, folder,
                    line(Stream.concat(Stream.of("train", text), Stream.of(out)), option));
            assertTrue(message.contains(option.split(" ", 2)[0]), message);
        }
    }

    /** One names an engine, the other what only cuDNN has. */
    @ParameterizedTest
    @CsvSource({"--rnn-algo standard --lstm fused, '--rnn-algo is standard, an algorithm of cuDNN''s, but --lstm is "
            + "fused; leave one of them out'",
        "--rnn-algo fused, '--rnn-algo is ''fused''; there are auto, standard, persist-static, persist-dynamic, "
                + "persist-static-small-h'"})
    void anAlgorithmIsCudnns(String options, String message) {
        for (Object[] command : List.of(new Object[] {"train", text}, new Object[] {"sample", model},
                new Object[] {"selftest"}, new Object[] {"bench", text})) {
            assertEquals("charlstm: " + message, Refusal.of(Main.USAGE, folder, line(Stream.of(command), options)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--count 0", "--count -1", "--temperature nan", "--temperature NaN", "--temperature -1",
        "--temperature Infinity", "--max-length 0", "--max-length -1", "--seed x", "--threads 0", "--device tpu"})
    void sampleRefusesTheValue(String option) {
        String message = Refusal.of(Main.USAGE, folder, line(Stream.of("sample", model), option));
        assertTrue(message.contains(option.split(" ", 2)[0]), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-k 0", "-k -1", "-k x", "--threads 0", "--device tpu"})
    void topRefusesTheValue(String option) {
        String message = Refusal.of(Main.USAGE, folder, line(Stream.of("top", model), option));
        assertTrue(message.contains(option.split(" ", 2)[0]), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--caption 20", "--caption -1", "--caption x", "--max-samples 0", "--max-caption 10001"})
    void verifyAndEncodeRefuseTheValue(String option) {
        for (Stream<Object> command : List.of(Stream.<Object>of("verify", model, text),
                Stream.<Object>of("encode", text))) {
            String message = Refusal.of(Main.USAGE, folder, line(command, option));
            assertTrue(message.contains(option.split(" ", 2)[0]), message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--max-samples 0", "--threads 0", "--device tpu"})
    void evalRefusesTheValue(String option) {
        String message = Refusal.of(Main.USAGE, folder, line(Stream.of("eval", model, text), option));
        assertTrue(message.contains(option.split(" ", 2)[0]), message);
    }

    @Test
    void aCaptionBeyondTheLastOfThoseTakenIsRefused() {
        String message = Refusal.of(Main.USAGE, folder, "verify", model, text, "--max-samples", 3, "--caption", 3);
        assertTrue(message.contains("has 3; the last is 2"), message);
    }

    @Test
    void captionsRefusesNone() {
        assertTrue(Refusal.of(Main.USAGE, folder, "captions", "--count", 0).contains("--count"));
    }

    @Test
    void featuresThatCannotBeWrittenAreRefused() {
        Path file = folder.resolve("missing").resolve("features.npy");
        assertEquals("charlstm: " + file + " cannot be written: " + file.getParent() + " does not exist",
                Refusal.of(Main.FAILED, folder, "captions", "--features", file));
        assertEquals("charlstm: --columns writes no file; leave --features out",
                Refusal.of(Main.USAGE, folder, "captions", "--columns", "--features", "features.npy"));
    }

    /** Each line, and the word that its message must have. */
    @ParameterizedTest
    @ValueSource(strings = {"top:MODEL", "sample:MODEL", "verify:MODEL", "eval:MODEL", "encode:TEXT",
        "nonsense:nonsense", "TRAIN:TRAIN", "--nonsense:--nonsense", "train --nonsense:--nonsense",
        "train --epochs:--epochs", "train --epochs 1 --epochs 2:--epochs", "captions more:more"})
    void aLineThatDoesNotParseIsRefused(String lineAndWord) {
        String[] parts = lineAndWord.split(":", 2);
        String message = Refusal.of(Main.USAGE, folder, line(Stream.empty(), parts[0]));
        assertTrue(message.contains(parts[1]), message);
        assertTrue(message.contains("--help"), "the way on is missing: " + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "train --epoch 3|unknown option '--epoch'; did you mean --epochs? charlstm train --help lists what there is",
        "train x --batchsize=3|unknown option '--batchsize=3'; did you mean --batch-size or --batch-norm? charl",
        "sample x --temprature 3|unknown option '--temprature'; did you mean --temperature? charlstm sample --help",
        "eval x y --lastt|unknown option '--lastt'; did you mean --last or --last-step? charlstm eval --help",
        "trian|unknown command 'trian'; did you mean train? charlstm --help lists what there is",
        "smaple runs/latest|unknown command 'smaple'; did you mean sample? charlstm --help lists what there is",
        "Export|unknown command 'Export'; did you mean export? charlstm --help",
        "train --lr 0.1|unknown option '--lr'; did you mean --learning-rate? charlstm train --help lists what there is",
        "train x -rnn_size=64|unknown option '-rnn_size=64'; did you mean --hidden? charlstm train",
        "sample x --length 9|unknown option '--length'; did you mean --max-length? charlstm sample --help",
        "sample x -n 9|unknown option '-n'; did you mean --count? charlstm sample --help",
        "top x -n 9|unknown option '-n'; did you mean -k? charlstm top --help",
        "encode x --lr 9|unknown option '--lr'; charlstm encode --help",
        "sample|MODEL is missing; charlstm sample --help lists what there is",
        "eval|MODEL is missing; charlstm eval --help lists what there is",
        "import x|FILE of --output is missing; charlstm import --help lists what there is",
        "train --epochs|N of --epochs is missing; charlstm train --help lists what there is",
        "train --xyz|unknown option '--xyz'; charlstm train --help"})
    void whatIsMistypedSaysWhatMayBeMeant(String line, String message) {
        String said = Refusal.of(Main.USAGE, folder, line(Stream.empty(), line));
        assertTrue(said.startsWith("charlstm: " + message), said);
    }

    @Test
    void noCommandAtAllIsRefused() {
        assertTrue(Refusal.of(Main.USAGE, folder).contains("charlstm --help"));
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
    void aPrecisionThatTheDeviceLacksIsWrongUsage() {
        assertTrue(Refusal.of(Main.USAGE, folder, Tiny.training(text, folder.resolve("new"), "--device", "cpu",
                "--precision", "bf16")).contains("bf16 is for a GPU"));
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
}
