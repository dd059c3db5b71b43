package org.charlstm.cuda;

import org.charlstm.CharlstmException;

/** Where a device's machine code comes from. */
public interface KernelImages {
    /**
     * The code of one kernel.
     *
     * @return a CUBIN or fat binary that the device takes
     * @throws CharlstmException if there is none
     */
    byte[] image(Kernel kernel);

    /** In a line, for a person. */
    String describe();
}
