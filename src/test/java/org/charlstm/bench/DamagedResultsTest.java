package org.charlstm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.charlstm.Refusals;
import org.charlstm.io.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Results that are wrong in one thing each. */
class DamagedResultsTest {
    private static final Results RIGHT = Samples.results("x", Samples.TEXT, Samples.PROTOCOL, 1);

    @TempDir
    private Path folder;
    private Path file;
    private String json;

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve(Results.NAME);
        json = Json.compact(Json.of(RIGHT));
        Files.writeString(file, json);
    }

    /** Without this, every refusal below might have another reason. */
    @Test
    void rightOnesAreRead() {
        assertEquals(RIGHT, Results.read(folder));
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
                () -> Json.pretty(Json.of(ResultComparison.of(Results.read(folder), RIGHT, true))));
        assertTrue(message.contains("holds no results"), message);
    }

    @Test
    void resultsThatAreNotUtf8AreRefused() throws IOException {
        Files.write(file, json.replace("charlstm", "\u00e9").getBytes(StandardCharsets.ISO_8859_1));
        String message = Refusals.assertRefused(file.toString(), () -> Results.read(folder));
        assertTrue(message.contains("UTF-8"), message);
    }
}
