package org.charlstm.sample.streams;

import java.util.List;

/**
 * A model's state at the end of a text, on the host: (L, H) values of each stack of L layers. Another text can start
 * from it.
 */
public record TextState(List<double[]> values) {
}
