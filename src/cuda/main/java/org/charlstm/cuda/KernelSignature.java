package org.charlstm.cuda;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * A kernel's name and parameters, to which the arguments of a launch are held.
 *
 * @param name       of the kernel
 * @param parameters in their order
 */
public record KernelSignature(String name, List<Parameter> parameters) {
    /** The kinds of values that a kernel takes. */
    public enum Kind {
        /** A buffer, or a device address as a {@code Long}. */
        POINTER(Long.BYTES),
        /** 32 bits: an {@code Integer}. */
        INT(Integer.BYTES),
        /** 64 bits: a {@code Long}. */
        LONG(Long.BYTES),
        /** A {@code Float}. */
        FLOAT(Float.BYTES),
        /** A {@code Double}. */
        DOUBLE(Double.BYTES),
        /** 32 bits of an unknown kind: an {@code Integer} or {@code Float}. */
        BITS32(Integer.BYTES),
        /** 64 bits of an unknown kind: a buffer, {@code Long} or {@code Double}. */
        BITS64(Long.BYTES);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }

        int bytes() {
            return bytes;
        }

        /** Whether values of this kind may be of the other: an address is a number of 64 bits. */
        private boolean agrees(Kind other) {
            return this == other || (bytes == other.bytes && (isOpen() || other.isOpen()))
                    || (this == POINTER && other == LONG) || (this == LONG && other == POINTER);
        }

        private boolean isOpen() {
            return this == BITS32 || this == BITS64;
        }
    }

    /**
     * A parameter.
     *
     * @param type    as the declaration has it, for example {@code const float*}
     * @param name    empty if it has none
     * @param element of the buffer that a pointer takes; null for any
     */
    @SuppressWarnings("exports") // An annotation alone, which users need not have.
    public record Parameter(String type, String name, Kind kind, @Nullable CudaType element) {
        /** Refuses null where there has to be something. */
        public Parameter {
            Given.that(type, "the type");
            Given.that(name, "the name");
            Given.that(kind, "the kind");
        }

        /** Whether a launch passes the same by this as by the other. */
        private boolean agrees(Parameter other) {
            return kind.agrees(other.kind)
                    && (element == null || other.element == null || element == other.element);
        }

        @Override
        public String toString() {
            return name.isEmpty() ? type : type + " " + name;
        }
    }

    /** Keeps a copy. */
    public KernelSignature {
        Given.that(name, "the name");
        parameters = List.copyOf(Given.that(parameters, "the list of parameters"));
    }

    /**
     * Reads a declaration as C++ has it, for example {@code saxpy(int n, float a, const float* x, float* y)}; names of
     * parameters may be left out.
     *
     * @throws IllegalArgumentException if it is none, or has a parameter that is no pointer, int, 64-bit integer, float
     *                                  or double
     */
    public static KernelSignature of(String declaration) {
        return KernelText.declaration(Given.that(declaration, "the declaration"));
    }

    /** By a letter for each parameter: p a pointer, l 64 bits, i 32 bits, f a float, d a double. */
    public static KernelSignature ofKinds(String name, String kinds) {
        Given.that(name, "the name");
        return new KernelSignature(name,
                Given.that(kinds, "the text of kinds").chars().mapToObj(letter -> switch (letter) {
                    case 'p' -> new Parameter("void*", "", Kind.POINTER, null);
                    case 'l' -> new Parameter("long long", "", Kind.LONG, null);
                    case 'i' -> new Parameter("int", "", Kind.INT, null);
                    case 'f' -> new Parameter("float", "", Kind.FLOAT, null);
                    case 'd' -> new Parameter("double", "", Kind.DOUBLE, null);
                    default -> throw new IllegalArgumentException("'" + (char) letter + "' in the kinds '" + kinds
                            + "' of " + name + "; a letter is p for a pointer, l for 64 bits, i for 32 bits, f for a "
                            + "float or d for a double");
                }).toList());
    }

    /** Of a kernel whose parameters' sizes alone are known. */
    static KernelSignature ofSizes(String name, int... sizes) {
        List<Parameter> parameters = new ArrayList<>();
        for (int size : sizes) {
            if (size != Integer.BYTES && size != Long.BYTES) {
                throw KernelText.unsupported(name, size + " bytes");
            }
            parameters.add(new Parameter(size + " bytes", "", size == Integer.BYTES ? Kind.BITS32 : Kind.BITS64, null));
        }
        return new KernelSignature(name, parameters);
    }

    /** Refuses a declaration that no definition bears out, of those that a text has of the kernel, if any are known. */
    void requireAmong(List<KernelSignature> defined, String place) {
        if (!defined.isEmpty() && defined.stream().noneMatch(this::agrees)) {
            throw new IllegalArgumentException("kernel " + name + " in " + place + " is " + defined.getFirst()
                    + ", and was declared as " + this);
        }
    }

    private boolean agrees(KernelSignature defined) {
        return parameters.size() == defined.parameters.size() && IntStream.range(0, parameters.size())
                .allMatch(i -> parameters.get(i).agrees(defined.parameters.get(i)));
    }

    /** Whether a driver's sizes of parameters are these. */
    boolean fits(int... sizes) {
        return parameters.stream().map(parameter -> parameter.kind.bytes()).toList()
                .equals(Arrays.stream(sizes).boxed().toList());
    }

    /** Checks how many arguments there are. */
    void requireCount(int count) {
        if (count != parameters.size()) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "%s takes %d arguments, and %d were given",
                    this, parameters.size(), count));
        }
    }

    /** The parameter of an argument, counted from 0. */
    Parameter parameter(int index) {
        if (index < 0 || index >= parameters.size()) {
            throw new IndexOutOfBoundsException("argument " + index + ", counted from 0, of " + this
                    + ", which takes " + parameters.size());
        }
        return parameters.get(index);
    }

    /** An argument is missing. */
    IllegalStateException notSet(int index) {
        return new IllegalStateException("argument " + (index + 1) + " of " + this
                + " has not been set; set it before the launch");
    }

    /** A message about a wrong argument. */
    IllegalArgumentException wrong(int index, String given) {
        Parameter parameter = parameters.get(index);
        return new IllegalArgumentException("argument " + (index + 1) + " of " + this + " is "
                + (parameter.name.isEmpty() ? "" : parameter.name + ", ") + "of type " + parameter.type + ", and "
                + given + " was given");
    }

    /** As C++ declares it. */
    @Override
    public String toString() {
        return name + parameters.stream().map(Parameter::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
