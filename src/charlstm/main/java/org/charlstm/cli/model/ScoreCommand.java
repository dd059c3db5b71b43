package org.charlstm.cli.model;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.base.Quantity;
import org.charlstm.cli.console.Printable;
import org.charlstm.cli.console.TextLines;
import org.charlstm.cli.options.ConditionOption;
import org.charlstm.cli.options.DeviceCommand;
import org.charlstm.cli.options.ModelArgument;
import org.charlstm.cli.options.UnknownOption;
import org.charlstm.device.Device;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.sample.Scorer;
import org.charlstm.text.CaptionFile;
import org.charlstm.text.Features;
import org.charlstm.text.UnknownCharacters;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "score", sortOptions = false,
        description = {"Prints how probable a model takes each line of a text to be: the logarithm of its probability "
                + "in nats, bits per character, and perplexity.",
            "A caption's are of its characters and one end symbol, without padding; those of a line of running text "
                    + "begin with its second character. Blank lines are left out."})
public final class ScoreCommand extends DeviceCommand {
    /** The number of lines computed in parallel. */
    private static final int BATCH = 64;

    @Mixin
    private ModelArgument argument;

    @Parameters(index = "1", paramLabel = "TEXT", description = "A text, UTF-8; - is standard input.")
    private String text;

    @Mixin
    private UnknownOption unknown;

    @Option(names = "--lower-case",
            description = "Put each line in lower case, for a model whose own text was so and that does not say it.")
    private boolean lowerCase;

    @Option(names = "--json", description = "Print an object a line: {\"line\", \"log_probability\", \"symbols\", "
            + "\"bits_per_character\", \"perplexity\"}, the last two null where no symbol is predicted.")
    private boolean json;

    @Mixin
    private ConditionOption condition;

    /** A line that is not blank, and its ordinal, from 0, among such lines. */
    private record Line(int number, int ordinal, String text, int[] symbols) {
    }

    private record Scored(int line, double logProbability, int symbols, @Nullable Double bitsPerCharacter,
            @Nullable Double perplexity) {
    }

    @Override
    public Integer call() {
        device.check();
        SavedModel saved = argument.load(console());
        Vocabulary kept = saved.requireVocabulary();
        Vocabulary vocabulary = lowerCase ? kept.preprocessed(kept.preprocessing().lowerCase(true)) : kept;
        Features features = condition.read(saved.config(), argument.path());
        try (TextLines lines = new TextLines(text, console());
                Device opened = device.open(console());
                Model model = new Model(opened, saved.weights());
                Scorer scorer = new Scorer(model, vocabulary, BATCH, saved.window())) {
            score(lines, vocabulary, scorer, features);
            opened.warnings().forEach(console()::warn);
        }
        return 0;
    }

    private void score(TextLines lines, Vocabulary vocabulary, Scorer scorer, @Nullable Features features) {
        List<Line> batch = new ArrayList<>();
        UnknownCharacters left = UnknownCharacters.NONE;
        boolean any = false;
        int ordinal = 0;
        for (String line = lines.next(); line != null; line = lines.next()) {
            String known = unknown.skips() ? vocabulary.known(line) : line;
            left = left.and(vocabulary.unknown(line));
            if (features != null && !CaptionFile.isBlank(line) && ordinal == features.rows()) {
                throw otherRows(features, lines, "more");
            }
            if (!CaptionFile.isBlank(known)) {
                String place = lines.source() + ", line " + lines.line();
                batch.add(new Line(lines.line(), ordinal, known,
                        UnknownOption.refusing(() -> vocabulary.encode(known, place))));
                if (!any && !json) {
                    console().line("log-probability  bits/character  perplexity  text");
                }
                any = true;
            }
            ordinal += CaptionFile.isBlank(line) ? 0 : 1;
            if (batch.size() == BATCH) {
                print(batch, scorer, features);
                batch.clear();
            }
        }
        if (!any) {
            throw new CharlstmException(lines.source() + " holds no line to score");
        }
        print(batch, scorer, features);
        if (features != null && features.rows() > ordinal) {
            throw otherRows(features, lines, Integer.toString(ordinal));
        }
        if (unknown.skips() && left.skipped() > 0) {
            console().say("charlstm: of " + lines.source() + " " + UnknownOption.leftOut(left));
        }
    }

    private static CharlstmException otherRows(Features features, TextLines lines, String count) {
        return new CharlstmException(features.source() + " has " + Quantity.of(features.rows(), "rows") + ", but "
                + lines.source() + " has " + count + " lines that are not blank; each needs a row");
    }

    private void print(List<Line> batch, Scorer scorer, @Nullable Features features) {
        List<Scorer.Score> scores = scorer.score(batch.stream().map(Line::symbols).toList(), features,
                batch.stream().mapToInt(Line::ordinal).toArray());
        for (int i = 0; i < scores.size(); i++) {
            Scorer.Score score = scores.get(i);
            Line line = batch.get(i);
            if (json) {
                console().json(Json.compact(Json.of(new Scored(line.number, score.logProbability(), score.symbols(),
                        finite(score.bits()), finite(score.perplexity())))));
            } else {
                console().line("%15.6f  %14.6f  %10.4f  %s", score.logProbability(), score.bits(),
                        score.perplexity(), Printable.text(line.text));
            }
        }
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
