package org.charlstm.sample.streams;

import java.util.List;

/** A model's state at the end of a text, from which another can start: (L, H) values of each stack of layers. */
public record TextState(List<double[]> values) {
}
