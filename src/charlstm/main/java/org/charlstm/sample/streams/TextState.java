package org.charlstm.sample.streams;

import java.util.List;

/**
 * The state of a model at the end of a text, on the host, from which another text can go on: (L, H) of each stack of L
 * equal recurrent layers, as the network gives them.
 */
public record TextState(List<double[]> values) {
}
