package org.charlstm.run;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.io.format.Safetensors;
import org.charlstm.run.folder.RunFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that go on from a folder in which one thing is wrong. */
class DamagedRunTest {
    private static final String EPOCH = "{\"epoch\":1,\"loss\":2.5,\"seconds\":0.25,\"chars_per_second\":7}\n";

    @TempDir
    private Path folder;
    private SmallRun small;
    private Path state;

    @BeforeEach
    void save() {
        small = new SmallRun();
        state = small.save(folder);
    }

    @AfterEach
    void close() {
        small.close();
    }

    /** Without this, every refusal below might have another reason. */
    @Test
    void rightFilesAreRead() throws IOException {
        Files.writeString(folder.resolve(RunFolder.METRICS), EPOCH);
        assertEquals(TrainingRun.End.IN_EPOCH, small.resume(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"epoch\":1,\"loss\":2.5}", "{\"epoch\":1,\"seconds\":0.25,\"chars_per_second\":7}",
        "{\"epoch\":1,\"loss\":NaN,\"seconds\":0.25,\"chars_per_second\":7}",
        "{\"epoch\":1,\"loss\":2.5,\"seconds\":1e999,\"chars_per_second\":7}",
        "{\"epoch\":1,\"loss\":2.5,\"seconds\":1.7e308,\"chars_per_second\":7}",
        "{\"epoch\":1,\"loss\":\"x\",\"seconds\":0.25,\"chars_per_second\":7}",
        "{\"epoch\":1,\"loss\":[],\"seconds\":0.25,\"chars_per_second\":7}",
        "{\"epoch\":1,\"loss\":null,\"seconds\":0.25,\"chars_per_second\":7}"})
    void figuresThatAreNoneAreRefusedWithTheirLine(String line) throws IOException {
        Path metrics = Files.writeString(folder.resolve(RunFolder.METRICS), EPOCH + line + "\n");
        assertTrue(assertRefused(metrics + ", line 2", () -> small.resume(folder)).contains("delete the file"));
        assertEquals(EPOCH + line + "\n", Files.readString(metrics));
    }

    private void damage(String key, String right, String wrong) throws IOException {
        Safetensors content = Safetensors.read(state);
        Map<String, String> metadata = content.metadata();
        String said = metadata.get(key);
        String damaged = said.replaceFirst(right, wrong);
        assertFalse(damaged.equals(said), said);
        metadata.put(key, damaged);
        Safetensors.write(state, List.copyOf(content.tensors().values()), metadata);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {"\"text\":\"[^\"]*\" | \"x\":0",
        "\"loss\":1.75 | \"loss\":NaN", "\"loss\":1.75 | \"loss\":1e999", "\"seconds\":0.5 | \"seconds\":1e999",
        "\"schedule\":[{][^}]*[}] | \"x\":0", "\"monitor\":\"val_loss\" | \"x\":0",
        "\"totals\":\\[2.5, | \"totals\":\\[NaN,", "\"totals\":\\[2.5, | \"totals\":\\[",
        "\"epochs\":\"3\" | \"epochs\":\"\\\\u0000\"",
        "\"epochs\":\"3\" | \"epochs\":3"})
    void statesThatCouldNotBeSavedAgainAreRefused(String right, String wrong) throws IOException {
        damage("run", right, wrong);
        assertRefused(state + " has a broken description", () -> small.resume(folder));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
        "run | \"rows\":2 | \"rows\":999 | after row 999 of 2",
        "run | \"mean_square\" | | and has the optimiser",
        "config | \"activation\":\"relu\" | \"activation\":\"tanh\" | other layers"})
    void statesOfNoPlaceInTheRunAreRefused(String key, String right, String wrong, String words) throws IOException {
        damage(key, right, wrong == null ? "" : wrong);
        assertRefused(words, () -> small.resume(folder));
    }
}
