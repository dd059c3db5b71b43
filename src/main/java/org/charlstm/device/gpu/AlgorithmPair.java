package org.charlstm.device.gpu;

import org.charlstm.cuda.RnnAlgorithm;

/**
 * cuDNN's algorithms for the two directions. They may differ: PyTorch goes forward by the one for few units and
 * backward by the standard one where there are more units than the former goes backward over.
 *
 * @param forward  what the forward pass runs
 * @param backward what the backward pass runs, on what the forward pass kept
 */
record AlgorithmPair(RnnAlgorithm forward, RnnAlgorithm backward) {
    /** The same one for both. */
    AlgorithmPair(RnnAlgorithm both) {
        this(both, both);
    }

    String title() {
        return forward.title() + (backward == forward ? "" : " with " + backward.title() + " backward");
    }
}
