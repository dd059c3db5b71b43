package org.charlstm.keras;

import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.message.DataLayout;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.nn.Tensor;
import org.jspecify.annotations.Nullable;

/** A group of an HDF5 file. Sizes are checked before memory is allocated for them. */
record Hdf5Group(String place, long fileBytes, Group group) {
    private static final int MAX_DEPTH = 16;
    private static final int MAX_RANK = 4;
    private static final int MAX_NAMES = 10_000;

    List<String> names() {
        return List.copyOf(group.getChildren().keySet());
    }

    /** The subgroup at a path; empty if there is none. */
    Optional<Hdf5Group> group(String path) {
        return node(path) instanceof Group below ? Optional.of(new Hdf5Group(place, fileBytes, below))
                : Optional.empty();
    }

    boolean has(String attribute) {
        return group.getAttribute(attribute) != null;
    }

    /** An attribute that is one string; empty if the group has no such attribute. */
    Optional<String> text(String attribute) {
        Attribute found = group.getAttribute(attribute);
        if (found == null) {
            return Optional.empty();
        }
        if (data(found) instanceof String text) {
            return Optional.of(text);
        }
        throw new CharlstmException(place + " has an attribute " + attribute + " that is no string");
    }

    /** An attribute that is a list of strings. Keras splits long lists into several numbered attributes. */
    List<String> texts(String attribute) {
        if (has(attribute)) {
            return strings(attribute);
        }
        List<String> all = new ArrayList<>();
        for (int part = 0; has(attribute + part) && all.size() <= MAX_NAMES; part++) {
            all.addAll(strings(attribute + part));
        }
        return all;
    }

    private List<String> strings(String attribute) {
        // An empty list may have any type.
        return switch (data(group.getAttribute(attribute))) {
            case null -> List.of();
            case String text -> List.of(text);
            case String[] texts -> List.of(texts);
            default ->
                throw new CharlstmException(place + " has an attribute " + attribute + " that is no list of strings");
        };
    }

    int whole(String attribute) {
        if (data(group.getAttribute(attribute)) instanceof Number number && number.longValue() >= 0
                && number.longValue() <= MAX_NAMES) {
            return number.intValue();
        }
        throw new CharlstmException(
                place + " has an attribute " + attribute + " that is no number from 0 to " + MAX_NAMES);
    }

    private Object data(Attribute attribute) {
        Refuse.inputIf(attribute.getSize() > MAX_NAMES,
                place + " has an attribute " + attribute.getName() + " of " + attribute.getSize() + " values");
        return attribute.getData();
    }

    /** An array of floating-point numbers, named by its path. */
    Tensor array(String path) {
        if (!(node(path) instanceof Dataset array)) {
            throw new CharlstmException(place + " holds no array " + path);
        }
        long[] shape = array.getDimensionsAsLong();
        if (!(array.getDataType() instanceof FloatingPoint type)) {
            throw new CharlstmException(place + " holds an array " + path + " that is not of floating-point numbers");
        }
        Refuse.inputIf(array.getDataLayout() != DataLayout.CONTIGUOUS && array.getDataLayout() != DataLayout.COMPACT,
                place + " holds the array " + path + " in chunks, as Keras does not; lay it out as Keras does with "
                        + "h5repack -f NONE -l CONTI");
        Refuse.inputIf(shape.length > MAX_RANK || bytes(shape, type.getSize()) > fileBytes,
                place + " is cut short or broken: its array " + path + " of shape " + Arrays.toString(shape)
                        + " is larger than the file of " + fileBytes + " bytes");
        double[] values = switch (array.getDataFlat()) {
            case float[] floats -> IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
            case double[] doubles -> doubles;
            default -> throw new CharlstmException(place + " holds nothing in its array " + path);
        };
        return new Tensor(path, Arrays.stream(shape).mapToObj(Math::toIntExact).toList(), values);
    }

    private static long bytes(long[] shape, int elementBytes) {
        if (Arrays.stream(shape).anyMatch(dimension -> dimension < 0)) {
            return Long.MAX_VALUE;
        }
        try {
            return Math.multiplyExact(Arrays.stream(shape).reduce(1, Math::multiplyExact), elementBytes);
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    /** The node at a path, or null. Links are not followed: a link may lead to another file or form a cycle. */
    private @Nullable Node node(String path) {
        String[] names = path.split("/", 0);
        Refuse.inputIf(names.length > MAX_DEPTH, place + " nests its groups too deep: " + path);
        Node at = group;
        for (String name : names) {
            at = at instanceof Group in ? in.getChild(name) : null;
        }
        return at;
    }
}
