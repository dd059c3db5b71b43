package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.Fuzz;
import org.charlstm.Refusals;
import org.charlstm.TextMutation;
import org.charlstm.circle.Sampled;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spoilt results, compared with whole ones by the command line. */
@Tag("long")
@Sampled
class CompareFuzzTest {
    private static final String RESULTS = """
            {"format":1,"command":["charlstm"],"started":"then","finished":null,"charlstm":{"version":"1"},
             "machine":{"processor":"x","processors":2,"memory_bytes":7},
             "text":{"source":"somewhere","captions":20,"characters":200,"steps":16,"symbols":20,"sha256":"ab"},
             "protocol":{"epochs":2,"repeats":3,"warm_up":1,"rnn_algo":"auto","graph":true,"cuda_binding":"auto"},
             "devices":[{"device":"cpu","precision":"float32","threads":2,"description":"a","hardware":"b"}],
             "rows":[{"configuration":{"device":"cpu","precision":"float32","threads":2,"batch_size":4,"hidden":8,
                "layers":1,"dense":4,"cell":"lstm","recurrent_activation":"sigmoid","optimizer":"rmsprop",
                "padding":"lab"},
                "status":"measured","seconds":{"median":1,"min":0.5,"max":2}},
              {"configuration":{"device":"cpu","precision":"float32","threads":2,"batch_size":8,"hidden":8,
                "layers":1,"dense":4,"cell":"lstm","recurrent_activation":"sigmoid","optimizer":"rmsprop",
                "padding":"lab"},
                "status":"failed","message":"no"}]}
            """;

    @TempDir
    private Path folder;

    @Test
    void results() throws IOException {
        Path whole = Files.writeString(folder.resolve("whole.json"), RESULTS);
        assertEquals("", Tool.run("bench", "compare", whole, whole).err());
        Fuzz.run(folder.resolve("spoilt.json"), new TextMutation(RESULTS.getBytes(StandardCharsets.UTF_8)), file -> {
            Tool tool = Tool.run("bench", "compare", file, whole, "--force");
            assertTrue(tool.out().chars().noneMatch(c -> Character.isISOControl(c) && c != '\n'), tool.out());
            if (tool.code() != 0) {
                Refusals.assertLine("", tool.err().strip());
                throw new CharlstmException(tool.err().contains("these experiments") ? file + " has nothing to compare"
                        : tool.err().strip());
            }
        });
    }
}
