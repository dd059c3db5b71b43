package org.charlstm.cli;

import org.charlstm.CharlstmException;
import org.charlstm.io.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code charlstm show}. */
@Command(name = "show", sortOptions = false,
        description = {
            "Prints what a model is: its layers, its characters, how it was trained and where it comes from.",
            "Of a safetensors file that another program wrote it prints the tensors. No values are read."})
final class ShowCommand extends Subcommand {
    @Mixin
    private ModelArgument argument;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        ShownModel shown = ShownModel.read(argument.file(console()));
        if (json) {
            console().json(Json.pretty(shown.json()));
        } else {
            shown.lines().forEach(line -> console().line(CharlstmException.line(line)));
        }
        return 0;
    }
}
