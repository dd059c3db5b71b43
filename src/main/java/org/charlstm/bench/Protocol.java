package org.charlstm.bench;

/**
 * How each configuration is measured.
 *
 * @param epochs       epochs that count, in each repeat
 * @param repeats      processes that each measure every configuration
 * @param warmUp       epochs before them that do not count, in each repeat
 * @param rnnAlgorithm how cuDNN runs the LSTM
 * @param graphs       whether a GPU replays a recorded step
 * @param cudaBinding  how NVIDIA's libraries are called
 */
public record Protocol(int epochs, int repeats, int warmUp, String rnnAlgorithm, boolean graphs, String cudaBinding) {
}
