package org.charlstm.device.cuda;

import org.charlstm.CharlstmException;

/** Where a device's machine code comes from. */
@FunctionalInterface
interface KernelImages {
    /**
     * The code of one kernel.
     *
     * @param kernel which
     * @return a CUBIN or fat binary that the device takes
     * @throws CharlstmException if there is none
     */
    byte[] image(Kernel kernel);
}
