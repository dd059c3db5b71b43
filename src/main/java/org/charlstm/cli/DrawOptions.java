package org.charlstm.cli;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.device.Draw;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What symbols are drawn from. */
final class DrawOptions {
    @Option(names = "--temperature", paramLabel = "LIST", description = "Divides the logits; 0 takes the most probable "
            + "symbol. Several, as in 0.5,1,1.5, write as many sentences at each. Default: 1.")
    private @Nullable String temperature;

    @Option(names = "--top-k", paramLabel = "N",
            description = "Draw from the N most probable symbols alone. Default: all.")
    private @Nullable Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Draw from the fewest most probable symbols alone that "
            + "together have this share of the probability, after --top-k. Default: all.")
    private @Nullable Double topP;

    /** A draw for each temperature. */
    List<Draw> draws() {
        UsageException.requireAtLeast("--top-k", topK, 1);
        if (topP != null && !(topP > 0 && topP <= 1)) {
            throw new UsageException("--top-p is " + topP + "; it must be above 0, at most 1");
        }
        List<Draw> draws = new ArrayList<>();
        for (String word : ListOption.words("--temperature", temperature == null ? "1" : temperature)) {
            Draw draw = new Draw(number(word), topK == null ? Draw.ALL : topK, topP == null ? 1 : topP);
            if (draws.contains(draw)) {
                throw new UsageException("--temperature has " + draw.temperature() + " twice; once is enough");
            }
            draws.add(draw);
        }
        return draws;
    }

    private static double number(String word) {
        double number;
        try {
            number = Double.parseDouble(word);
        } catch (NumberFormatException e) {
            throw new UsageException("--temperature has '" + word + "', which is no number; for example 0.5,1");
        }
        if (!(number >= 0 && number < Double.POSITIVE_INFINITY)) {
            throw new UsageException("--temperature is " + number + "; it must be a number from 0 on");
        }
        return number;
    }

    /** The name of an option of these that was given, or null. */
    @Nullable
    String given() {
        return temperature != null ? "--temperature" : topK != null ? "--top-k" : topP != null ? "--top-p" : null;
    }
}
