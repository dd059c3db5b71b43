package org.charlstm.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import org.charlstm.io.Json;
import org.charlstm.nn.Model;
import org.charlstm.sample.BeamSearch;
import org.charlstm.sample.Beginnings;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The most probable sentences rather than drawn ones. */
final class BeamOptions {
    @Option(names = "--beam", paramLabel = "N", converter = Converters.FromOne.class,
            description = "Search for the most probable sentences instead of drawing. N are kept at each "
                    + "step, and --count of them printed, the best first.")
    private @Nullable Integer beams;

    @Option(names = "--length-penalty", paramLabel = "A", description = "With --beam: order sentences by their "
            + "log-probability divided by their length to the power of A. Default: 0, by the log-probability itself.")
    private @Nullable Double lengthPenalty;

    /** Refuses options that do not go together; {@code ofDraws} is one that only drawn sentences have, or null. */
    void check(@Nullable Integer count, @Nullable String ofDraws) {
        UsageException.when(lengthPenalty != null && !(lengthPenalty >= 0 && lengthPenalty < Double.POSITIVE_INFINITY),
                "--length-penalty is %s; it must be a number from 0 on", lengthPenalty);
        if (beams == null) {
            UsageException.when(lengthPenalty != null, "--length-penalty is for --beam; leave it out");
            return;
        }
        UsageException.when(ofDraws != null, "%s is for sentences that are drawn, and --beam draws none; leave one out",
                ofDraws);
        UsageException.when(count != null && count > beams, "--count is %s, but --beam keeps %s; keep more", count,
                beams);
    }

    boolean isAsked() {
        return beams != null;
    }

    /** A count, limited by the sentences that are kept. */
    int atMost(int count) {
        return beams == null ? count : Math.min(beams, count);
    }

    void write(Model model, Vocabulary vocabulary, SamplingOptions options, Beginnings beginnings, boolean json,
            Console console) {
        BeamSearch search = new BeamSearch(model, vocabulary, options, beams == null ? 1 : beams,
                lengthPenalty == null ? 0 : lengthPenalty);
        List<BeamSearch.Found> found = UnknownOption.refusing(() -> search.search(beginnings)).stream()
                .flatMap(each -> each.stream().limit(beginnings.each())).toList();
        if (json) {
            JsonArray array = new JsonArray();
            for (BeamSearch.Found one : found) {
                JsonObject object = new JsonObject();
                object.addProperty("text", one.text());
                object.addProperty("log_probability", one.logProbability());
                array.add(object);
            }
            console.json(Json.pretty(array));
            return;
        }
        SentencePrinter.Form form = SentencePrinter.Form.lines(vocabulary, found.size());
        for (int i = 0; i < found.size(); i++) {
            console.out().print(form.symbol(found.get(i).text()) + form.after(i));
        }
        console.out().flush();
    }
}
