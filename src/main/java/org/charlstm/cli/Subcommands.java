package org.charlstm.cli;

import java.util.List;

/**
 * The subcommands by name. A command line that begins with one gets it alone: to read the annotations of all takes a
 * tenth of a second.
 */
final class Subcommands {
    /** In the order in which the help lists them. */
    static final List<String> NAMES =
            List.of("train", "sample", "top", "verify", "eval", "score", "show", "report", "serve", "bench", "encode",
                    "captions", "import", "export", "doctor", "selftest", "completion", "help");

    private Subcommands() {
    }

    static Object make(String name) {
        return switch (name) {
            case "train" -> new TrainCommand();
            case "sample" -> new SampleCommand();
            case "top" -> new TopCommand();
            case "verify" -> new VerifyCommand();
            case "eval" -> new EvalCommand();
            case "score" -> new ScoreCommand();
            case "show" -> new ShowCommand();
            case "report" -> new ReportCommand();
            case "serve" -> new ServeCommand();
            case "bench" -> new BenchCommand();
            case "encode" -> new EncodeCommand();
            case "captions" -> new CaptionsCommand();
            case "import" -> new ImportCommand();
            case "export" -> new ExportCommand();
            case "doctor" -> new DoctorCommand();
            case "selftest" -> new SelftestCommand();
            case "completion" -> new CompletionCommand();
            case "help" -> new HelpCommand();
            default -> throw new IllegalArgumentException("no command is called " + name);
        };
    }
}
