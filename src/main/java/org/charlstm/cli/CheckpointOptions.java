package org.charlstm.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.charlstm.run.Checkpoints;
import picocli.CommandLine.Option;

/** When a training saves the state from which it can be resumed. */
final class CheckpointOptions {
    private static final Pattern EVERY = Pattern.compile("([0-9]{1,6})(m?)");

    @Option(names = "--checkpoint-every", paramLabel = "N", defaultValue = "1",
            description = "Save the state that --resume goes on from after every Nth epoch; or, as Nm, after every "
                    + "epoch and every N minutes within one. Default: ${DEFAULT-VALUE}.")
    private String every;

    @Option(names = "--keep", paramLabel = "K", defaultValue = "0",
            description = "Keep the states of K epochs before the latest too. Default: ${DEFAULT-VALUE}.")
    private int keep;

    void check() {
        parsed();
        UsageException.requireAtLeast("--keep", keep, 0);
    }

    private Matcher parsed() {
        Matcher matcher = EVERY.matcher(every);
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) == 0) {
            throw new UsageException("--checkpoint-every is '" + every + "'; it must be a number of epochs from 1 on, "
                    + "or of minutes, such as 10m");
        }
        return matcher;
    }

    Checkpoints checkpoints() {
        Matcher matcher = parsed();
        int number = Integer.parseInt(matcher.group(1));
        return matcher.group(2).isEmpty() ? new Checkpoints(number, 0, keep) : new Checkpoints(1, 60L * number, keep);
    }
}
