package org.charlstm.sample.streams;

import java.util.List;

/** A model's state at the end of a text, on the host, from which another goes on: (L, H) of each stack of layers. */
public record TextState(List<double[]> values) {
}
