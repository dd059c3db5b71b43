package org.charlstm.cli;

import module java.base;
import org.charlstm.base.Quantity;
import org.charlstm.base.RegularFile;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.Subcommand;
import org.charlstm.io.format.FeatureFile;
import org.charlstm.text.Features;
import org.charlstm.text.generated.GeneratedCaptions;
import org.charlstm.text.generated.GeneratedCaptions.FeatureGroup;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "captions", sortOptions = false,
        description = "Prints the built-in generated captions, one a line.")
final class CaptionsCommand extends Subcommand {
    @Option(names = "--count", paramLabel = "N", defaultValue = "" + GeneratedCaptions.DEFAULT_COUNT,
            converter = Converters.FromOne.class, description = "How many. Default: ${DEFAULT-VALUE}.")
    private int count;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "" + GeneratedCaptions.DEFAULT_SEED,
            description = "Which of them. Default: ${DEFAULT-VALUE}, as in training.")
    private long seed;

    @Option(names = "--features", paramLabel = "FILE", description = "Also write a .npy file with a row for each "
            + "caption, which tells what it is of: 1 in one column of each of some groups. Default: none.")
    private @Nullable Path features;

    @Option(names = "--columns",
            description = "Print what the columns of --features stand for, one a line, instead of captions.")
    private boolean columns;

    @Override
    public Integer call() {
        UsageException.when(columns && features != null, "--columns writes no file; leave --features out");
        if (columns) {
            List<String> names = GeneratedCaptions.featureGroups().stream()
                    .flatMap(group -> group.columns().stream().map(name -> group.name() + ": " + name)).toList();
            for (int column = 0; column < names.size(); column++) {
                console().line(column + " " + names.get(column));
            }
            return 0;
        }
        if (features != null) {
            Path place = RegularFile.target(features);
            Features made = Features.generated(count, seed);
            FeatureFile.write(place, made);
            console().say("saved " + Quantity.of(made.rows(), "rows") + " of "
                    + Quantity.of(made.columns(), "features") + " as " + features + ": " + groups());
        }
        StringBuilder lines = new StringBuilder();
        GeneratedCaptions.generate(count, seed).forEach(caption -> lines.append(caption).append('\n'));
        console().out().print(lines);
        return 0;
    }

    private static String groups() {
        List<String> groups = new ArrayList<>();
        int first = 0;
        for (FeatureGroup group : GeneratedCaptions.featureGroups()) {
            int next = first + group.columns().size();
            groups.add(group.name() + " in columns " + first + " to " + (next - 1));
            first = next;
        }
        return String.join(", ", groups);
    }
}
