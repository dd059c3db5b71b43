package org.charlstm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.Refusals;
import org.charlstm.base.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two experiments side by side, what may not be, and results that are damaged. */
class ResultComparisonTest {
    private static final Results A = Samples.results("x", Samples.TEXT, Samples.PROTOCOL, 1);

    @TempDir
    private Path folder;
    private Path file;
    private String json;

    private static String refusal(Results b) {
        String message = assertThrows(CharlstmException.class, () -> ResultComparison.of(A, b, false)).getMessage();
        assertTrue(message.contains("--force"), message);
        List<String> differences = ResultComparison.of(A, b, true).differences();
        assertEquals(1, differences.size(), differences.toString());
        assertTrue(message.contains(differences.getFirst()), message);
        return message;
    }

    @Test
    void theRatioIsTheSecondsOverTheFirsts() {
        ResultComparison comparison =
                ResultComparison.of(A, Samples.results("x", Samples.TEXT, Samples.PROTOCOL, 0.5), false);
        assertEquals(List.of(), comparison.differences());
        assertEquals(List.of(Samples.SMALL, Samples.LARGE),
                comparison.pairs().stream().map(ResultComparison.Pair::configuration).toList());
        comparison.pairs().forEach(pair -> {
            assertEquals(0.5, pair.ratio(), 1e-12);
            assertFalse(pair.overlap());
        });
        assertTrue(ResultComparison.of(A, Samples.results("x", Samples.TEXT, Samples.PROTOCOL, 1.05), false).pairs()
                .stream()
                .allMatch(ResultComparison.Pair::overlap));
    }

    @Test
    void otherTextsMachinesAndProtocolsAreRefused() {
        TextSource.Summary text = new TextSource.Summary("elsewhere", 20, 200, 17, 20, "ab", null);
        assertTrue(refusal(Samples.results("x", text, Samples.PROTOCOL, 1)).contains("text.steps is 17, not 16"));
        assertTrue(refusal(Samples.results("y", Samples.TEXT, Samples.PROTOCOL, 1))
                .contains("machine.processor is \"y\", not \"x\""));
        Grid.Protocol protocol = new Grid.Protocol(2, 3, 2, "auto", "auto", true, "auto", null, null);
        assertTrue(refusal(Samples.results("x", Samples.TEXT, protocol, 1)).contains("protocol.warm_up is 2, not 1"));
    }

    @Test
    void otherRepeatsAndAnotherWayToDriveTheSameDeviceAreNot() {
        Grid.Protocol protocol = new Grid.Protocol(2, 5, 1, "cudnn", "standard", false, "jcuda", null, null);
        TextSource.Summary text = new TextSource.Summary("elsewhere", 20, 200, 16, 20, "ab", null);
        assertEquals(2, ResultComparison.of(A, Samples.results("x", text, protocol, 1), false).pairs().size());
    }

    @Test
    void configurationsWithoutFiguresInBothAreListed() {
        Results few = new Results(1, List.of(), "then", null, null, A.machine(), A.text(), A.protocol(), A.devices(),
                A.rows().subList(0, 1), null, null);
        assertEquals(List.of(new ResultComparison.Unpaired(Samples.LARGE, "only in A")),
                ResultComparison.of(A, few, false).unpaired());
        assertEquals(List.of(new ResultComparison.Unpaired(Samples.LARGE, "only in B")),
                ResultComparison.of(few, A, false).unpaired());
        Results none = new Results(1, List.of(), "then", null, null, A.machine(), A.text(), A.protocol(), A.devices(),
                List.of(), null, null);
        assertThrows(CharlstmException.class, () -> ResultComparison.of(A, none, true));
    }

    @Test
    void resultsAreReadAsTheyWereWritten() {
        A.write(folder);
        assertEquals(A, Results.read(folder));
        assertEquals(A, Results.read(folder.resolve(Results.NAME)));
    }

    @Test
    void windowsOfRunningTextAreNotComparedWithCaptions() {
        TextSource.Summary windows = new TextSource.Summary("elsewhere", 20, 200, 16, 20, "ab", 16);
        assertTrue(refusal(Samples.results("x", windows, Samples.PROTOCOL, 1)).contains("text.window is 16, not null"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "3", "nonsense", "{}", "{\"format\": 2}", "{\"format\": 1}",
        "{\"format\": 1, \"machine\": {}, \"text\": {}, \"protocol\": {}, \"devices\": [null], \"rows\": []}",
        "{\"format\": 1, \"machine\": {}, \"text\": {}, \"protocol\": {}, \"devices\": [], \"rows\": [{}]}",
        "{\"format\": 1, \"machine\": 7, \"text\": {}, \"protocol\": {}, \"devices\": [], \"rows\": []}"})
    void filesThatAreNoResultsAreRefused(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), content);
        String message = assertThrows(CharlstmException.class, () -> Results.read(file)).getMessage();
        assertTrue(message.startsWith(file.toString()) && message.lines().count() == 1, message);
    }

    @Test
    void anotherFormatIsRefused() throws IOException {
        A.write(folder);
        Files.writeString(file, Files.readString(file).replace("\"format\": 1,", "\"format\": 2,"));
        String message = assertThrows(CharlstmException.class, () -> Results.read(file)).getMessage();
        assertTrue(message.contains("format 1"), message);
    }

    @Test
    void aFolderWithoutResultsIsRefused() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        String message = assertThrows(CharlstmException.class, () -> Results.read(empty)).getMessage();
        assertTrue(message.contains(Results.NAME), message);
    }

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve(Results.NAME);
        json = Json.compact(Json.of(A));
        Files.writeString(file, json);
    }

    /** Without this, every refusal below might have another reason. */
    @Test
    void rightOnesAreRead() {
        assertEquals(A, Results.read(folder));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
        "\\{\"device\":\"cpu\",\"precision\":\"float32\",\"threads\":2,\"batch_size\":4[^}]*\\} | 999",
        "\"device\":\"cpu\",\"precision\":\"float32\",\"threads\":2,\"batch_size\":4 | \"device\":null",
        "\"batch_size\":4 | \"batch_size\":0.5",
        "\"optimizer\":\"rmsprop\" | \"x\":1",
        "\"recurrent_activation\":\"sigmoid\" | \"recurrent_activation\":null",
        "\"padding\":\"lab\" | \"padding\":null",
        "\"status\":\"[a-z]*\" | \"status\":\"excellent\"",
        "\"median\":[0-9.]* | \"median\":NaN",
        "\"median\":[0-9.]* | \"median\":1e999",
        "\"median\":[0-9.]* | \"median\":0",
        "\"median\":[0-9.]* | \"median\":\"x\"",
        "\"min\":[0-9.]* | \"min\":-1",
        "\"machine\":\\{[^}]*\\} | \"machine\":7",
        "\"text\":\\{[^}]*\\} | \"text\":7",
        "\"protocol\":\\{[^}]*\\} | \"protocol\":null",
        "\"devices\":\\[[^]]*\\] | \"devices\":[null]",
        "\"rows\":\\[ | \"rows\":[null,",
        "\"rows\":.* | \"rows\":7}",
        "\"format\":1 | \"format\":2",
        ".* | null"})
    void damagedOnesAreRefused(String right, String wrong) throws IOException {
        String damaged = json.replaceFirst(right, wrong.replace("$", "\\$"));
        assertTrue(!damaged.equals(json), json);
        Files.writeString(file, damaged);
        String message = Refusals.assertRefused(file.toString(),
                () -> Json.pretty(Json.of(ResultComparison.of(Results.read(folder), A, true))));
        assertTrue(message.contains("holds no results"), message);
    }

    @Test
    void resultsThatAreNotUtf8AreRefused() throws IOException {
        Files.write(file, json.replace("charlstm", "\u00e9").getBytes(StandardCharsets.ISO_8859_1));
        String message = Refusals.assertRefused(file.toString(), () -> Results.read(folder));
        assertTrue(message.contains("UTF-8"), message);
    }
}
