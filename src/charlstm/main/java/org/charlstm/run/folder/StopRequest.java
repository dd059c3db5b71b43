package org.charlstm.run.folder;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.IoFailure;

/**
 * Asks a run in another process to stop as after Ctrl-C. The request is an empty file in the run's folder; the run
 * looks for it once a second. A signal could reach a wrong process, which has the same number later or on another
 * machine.
 */
public final class StopRequest {
    private static final String NAME = ".stop";

    /** Asks a run to stop; refuses a folder that cannot be written to. */
    public static void ask(Path folder) {
        try {
            Files.createFile(folder.resolve(NAME));
        } catch (FileAlreadyExistsException e) {
            // The run was asked before.
        } catch (IOException e) {
            throw new CharlstmException(folder + " cannot be written to (" + IoFailure.of(e) + ")", e);
        }
    }

    /** Deletes a request, when it is answered or before a run begins. Returns whether there was one. */
    public static boolean take(Path folder) {
        try {
            return Files.deleteIfExists(folder.resolve(NAME));
        } catch (IOException e) {
            return false;
        }
    }
}
