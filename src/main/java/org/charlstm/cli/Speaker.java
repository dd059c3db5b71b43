package org.charlstm.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.charlstm.CharlstmException;
import org.charlstm.rank.EarlyFailure;
import org.charlstm.rank.ProcessLaunch;
import org.jspecify.annotations.Nullable;

/** Whose words the errors of a process are, of several that a launcher started; rank 0's are nobody's. */
final class Speaker {
    private String name = "";
    private boolean joined;
    /** Null until something has failed before this process joined the others. */
    private @Nullable EarlyFailure failed;

    /** Has errors begin with whose they are, once this process has joined the others. */
    void joined(String who) {
        joined = true;
        name = who;
    }

    /** What an error begins with. It returns when it is this process's turn to say it, or never. */
    String turn() {
        if (!joined) {
            try {
                ProcessLaunch launch = ProcessLaunch.here();
                name = launch.several() && launch.rank() > 0 ? name(launch) : "";
                failed = new EarlyFailure(launch);
                failed.awaitTurn();
            } catch (CharlstmException e) {
                // Whoever started it has not said which it is.
                name = "";
            }
        }
        return name;
    }

    private static String name(ProcessLaunch launch) {
        try {
            return "rank " + launch.rank() + " on host " + InetAddress.getLocalHost().getHostName() + ": ";
        } catch (UnknownHostException e) {
            return "rank " + launch.rank() + ": ";
        }
    }

    /** Ends the others, which wait for this process, after what it has said. */
    void end(int code) {
        if (failed != null) {
            failed.endAll(code);
        }
    }
}
