package org.charlstm.cli;

import module java.base;
import org.charlstm.base.RegularFile;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.ModelArgument;
import org.charlstm.cli.options.Subcommand;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.keras.ExportFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "export", sortOptions = false, description = "Writes a model as Keras 2 and 3 or PyTorch read it.")
final class ExportCommand extends Subcommand {
    @Mixin
    private ModelArgument argument;

    @Option(names = "--format", paramLabel = "FORMAT", description = "keras3 (a whole model as Keras 3 writes it), "
            + "keras (one as HDF5), weights (Keras 3's weights alone), or pytorch (safetensors). Default: what "
            + "the file's name says, .keras, .h5 or .hdf5, .weights.h5, or .safetensors.")
    private @Nullable ExportFormat format;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", required = true, description = "The file to write.")
    private Path output;

    @Override
    public Integer call() {
        ExportFormat chosen = format != null ? format : ExportFormat.of(output)
                .orElseThrow(() -> new UsageException("the name of " + output + " says no format; name one with "
                        + "--format: " + Stream.of(ExportFormat.values()).map(ExportFormat::toString)
                                .collect(Collectors.joining(", "))));
        UsageException.when(!chosen.fits(output),
                "--format is %s, but the name of %s says %s; leave --format out, or name another file", chosen, output,
                ExportFormat.of(output).map(ExportFormat::toString).orElse("none"));
        Path place = RegularFile.target(output);
        SavedModel saved = ModelFile.loadTensors(argument.file(console()));
        ModelArgument.sayAssumed(saved, argument.path(), Map.of(), console());
        chosen.write(place, saved);
        if (chosen != ExportFormat.PYTORCH && ExportFormat.isOfKeras2Alone(saved.config())) {
            console().line("note: the model's hard_sigmoid is that of Keras 1 and 2; Keras 3 computes another");
        }
        if (saved.config().tied()) {
            console().line("note: the last kernel, tied to the embeddings, is written as one of its own");
        }
        console().line("saved as %s", output);
        return 0;
    }
}
