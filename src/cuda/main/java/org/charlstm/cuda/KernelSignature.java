package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver.ParameterPlace;
import org.jspecify.annotations.Nullable;

/**
 * A kernel's name and parameters. A launch checks its arguments against the parameters' sizes and kinds: integers,
 * reals or structures. Signed and unsigned integers are not distinguished, since their bits are the same.
 *
 * @param name       of the kernel
 * @param parameters in their order
 */
public record KernelSignature(String name, List<Parameter> parameters) {
    /** The kinds of values that a kernel takes. */
    public enum Kind {
        /** A buffer, or a device address as a {@code Long}. */
        POINTER(Long.BYTES),
        /** A {@code Boolean}. */
        BOOL(Byte.BYTES),
        /** 8 bits: a {@code Byte} or {@code Boolean}, or an {@code Integer} from -128 to 255. */
        BYTE(Byte.BYTES),
        /** 16 bits: a {@code Short}, or an {@code Integer} from -32768 to 65535. */
        SHORT(Short.BYTES),
        /** 32 bits: an {@code Integer}. */
        INT(Integer.BYTES),
        /** 64 bits: a {@code Long}. */
        LONG(Long.BYTES),
        /** IEEE half precision: a {@code Float}, which is rounded, or its bits as a {@code Short}. */
        HALF(Short.BYTES),
        /** bfloat16, the upper half of a float32: a {@code Float}, which is rounded, or its bits as a {@code Short}. */
        BFLOAT16(Short.BYTES),
        /** A {@code Float}. */
        FLOAT(Float.BYTES),
        /** A {@code Double}. */
        DOUBLE(Double.BYTES),
        /** A structure, or a type known by name only: a {@code MemorySegment} of its bytes. */
        STRUCT(0),
        /** A parameter of known size and unknown kind: any argument of that size. */
        BITS(0);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }

        /** The size of a value, or 0 if it varies. */
        int bytes() {
            return bytes;
        }
    }

    /**
     * A parameter.
     *
     * @param type      the type in the declaration, for example {@code const float*}
     * @param name      the parameter's name, or empty
     * @param bytes     size; 0 if only the kernel's code tells it
     * @param alignment alignment in bytes; 0 if only the kernel's code tells it
     * @param element   the element type of a pointer's buffer; null for any
     * @param members   a structure's members with their offsets, as in {@code int at 0, double at 8}; empty if unknown
     */
    @SuppressWarnings("exports") // An annotation alone, which users need not have.
    public record Parameter(String type, String name, Kind kind, long bytes, long alignment,
            @Nullable CudaType element, String members) {
        /** Refuses null, except as the element. */
        public Parameter {
            Objects.requireNonNull(members, "the members is null");
            Objects.requireNonNull(type, "the type is null");
            Objects.requireNonNull(name, "the name is null");
            Objects.requireNonNull(kind, "the kind is null");
        }

        static Parameter of(String type, String name, KernelType as, @Nullable CudaType element) {
            return new Parameter(type, name, as.kind(), as.bytes(), as.alignment(), element, as.members());
        }

        /** A parameter without known members. */
        static Parameter of(String type, Kind kind, long bytes, long alignment) {
            return new Parameter(type, "", kind, bytes, alignment, null, StructureMembers.UNKNOWN);
        }

        private static Parameter bits(String type, long bytes) {
            return of(type, Kind.BITS, bytes, 0);
        }

        /** Whether only the type's name is known. */
        private boolean isHidden() {
            return bytes == 0;
        }

        /** Whether both parameters take the same arguments. */
        private boolean agrees(Parameter other) {
            return sameMembers(other) && agreesInSize(other);
        }

        private boolean sameMembers(Parameter other) {
            return members.isEmpty() || other.members.isEmpty() || members.equals(other.members);
        }

        private boolean agreesInSize(Parameter other) {
            return isHidden() || other.isHidden()
                    || (bytes == other.bytes && (kind == other.kind || passes(other) || other.passes(this))
                            && (alignment == 0 || other.alignment == 0 || alignment == other.alignment)
                            && (element == null || other.element == null || element == other.element));
        }

        /**
         * Whether this kind takes the other's bits: a pointer 64-bit integers, a bool 8-bit integers, and a structure
         * 16-bit reals, which PTX declares as structures.
         */
        private boolean passes(Parameter other) {
            return kind == Kind.BITS || (kind == Kind.POINTER && other.kind == Kind.LONG)
                    || (kind == Kind.BOOL && other.kind == Kind.BYTE)
                    || (kind == Kind.STRUCT && (other.kind == Kind.HALF || other.kind == Kind.BFLOAT16));
        }

        /** This parameter, completed by the other if only the type's name is known here. */
        private Parameter filled(Parameter other) {
            return isHidden() ? new Parameter(type, name, other.kind == Kind.BITS ? kind : other.kind, other.bytes,
                    other.alignment, element, members) : this;
        }

        /** A parameter with the properties on which both agree. */
        private Parameter common(Parameter other) {
            String both = type.equals(other.type) ? type : type + " or " + other.type;
            return kind != other.kind || bytes != other.bytes
                    ? new Parameter(both, name, Kind.BITS, Math.max(bytes, other.bytes), 0, null,
                            StructureMembers.UNKNOWN)
                    : new Parameter(both, name, kind, bytes, alignment, element == other.element ? element : null,
                            members.equals(other.members) ? members : StructureMembers.UNKNOWN);
        }

        /** This parameter with another type, for a suggestion. */
        private Parameter with(String other) {
            return new Parameter(other, name, kind, bytes, alignment, element, members);
        }

        @Override
        public String toString() {
            return name.isEmpty() ? type : type + " " + name;
        }
    }

    /** Copies the list. */
    public KernelSignature {
        Objects.requireNonNull(name, "the name is null");
        parameters = List.copyOf(Objects.requireNonNull(parameters, "the list of parameters is null"));
    }

    /**
     * Reads a C++ declaration, for example {@code saxpy(int n, float a, const float* x, float* y)}; names of parameters
     * may be left out. A type unknown to C++ and CUDA is a structure, whose size the kernel's code tells.
     *
     * @throws IllegalArgumentException if the text is no declaration, or has a parameter that cannot be passed, such as
     *                                  a reference
     */
    public static KernelSignature of(String declaration) {
        return of(declaration, Map.of());
    }

    /**
     * Reads a declaration that uses the program's own types: structures or aliases of numbers, such as
     * {@code k(Pair pair, real a)} with {@code Map.of("Pair", PAIR, "real", JAVA_FLOAT)}.
     *
     * @param types the layouts of the types by name
     * @throws IllegalArgumentException as {@link #of(String)} does, and if no parameter has a type of the map
     */
    public static KernelSignature of(String declaration, Map<String, MemoryLayout> types) {
        Map<String, KernelType> known = new HashMap<>();
        Objects.requireNonNull(types, "the map of types is null")
                .forEach((name, layout) -> known.put(name, KernelType.of(layout)));
        KernelSignature signature =
                KernelText.declaration(Objects.requireNonNull(declaration, "the declaration is null"), known);
        for (String name : types.keySet()) {
            Pattern asType = Pattern.compile("(?<![\\w:])" + Pattern.quote(name) + "(?!\\w)");
            if (signature.parameters.stream().noneMatch(each -> asType.matcher(each.type).find())) {
                throw new IllegalArgumentException("the map of types has '" + name + "', and no parameter of "
                        + signature + " has that type");
            }
        }
        return signature;
    }

    /** A signature with a letter for each parameter: p a pointer, l 64 bits, i 32 bits, f a float, d a double. */
    public static KernelSignature ofKinds(String name, String kinds) {
        Objects.requireNonNull(name, "the name is null");
        return new KernelSignature(name,
                Objects.requireNonNull(kinds, "the text of kinds is null").chars().mapToObj(letter -> switch (letter) {
                    case 'p' -> Parameter.of("void*", "", KernelType.of(Kind.POINTER), null);
                    case 'l' -> Parameter.of("long long", "", KernelType.of(Kind.LONG), null);
                    case 'i' -> Parameter.of("int", "", KernelType.of(Kind.INT), null);
                    case 'f' -> Parameter.of("float", "", KernelType.of(Kind.FLOAT), null);
                    case 'd' -> Parameter.of("double", "", KernelType.of(Kind.DOUBLE), null);
                    default -> throw new IllegalArgumentException("'" + (char) letter + "' in the kinds '" + kinds
                            + "' of " + name + "; a letter is p for a pointer, l for 64 bits, i for 32 bits, f for a "
                            + "float or d for a double");
                }).toList());
    }

    /** A signature of a kernel whose parameters' sizes and offsets alone are known. */
    static KernelSignature ofPlaces(String name, List<ParameterPlace> places) {
        return new KernelSignature(name, places.stream()
                .map(place -> Parameter.bits(place.size() + " bytes", place.size())).toList());
    }

    /**
     * Checks this declaration against the kernel's definitions in a text, if there are any; refuses if none agrees.
     *
     * @return this signature, completed by the text for types known by name only
     */
    KernelSignature among(List<KernelSignature> defined, String place) {
        if (defined.isEmpty()) {
            return this;
        }
        KernelSignature borne = defined.stream().filter(this::agrees).findFirst()
                .orElseThrow(() -> contradiction(defined.getFirst(), place));
        return filled(borne);
    }

    private IllegalArgumentException contradiction(KernelSignature defined, String place) {
        for (int i = 0; i < Math.min(parameters.size(), defined.parameters.size()); i++) {
            Parameter parameter = parameters.get(i);
            String members = defined.parameters.get(i).members;
            if (!parameter.sameMembers(defined.parameters.get(i))) {
                return new IllegalArgumentException("parameter '" + parameter + "' of kernel " + name + " in " + place
                        + " has " + members + ", and its layout has " + parameter.members);
            }
        }
        return new IllegalArgumentException("kernel " + name + " in " + place + " is " + defined
                + ", and was declared as " + this);
    }

    private KernelSignature filled(KernelSignature other) {
        return new KernelSignature(name, IntStream.range(0, parameters.size())
                .mapToObj(i -> parameters.get(i).filled(other.parameters.get(i))).toList());
    }

    /** The common part of two overloads, for a text that does not tell the meant overload. */
    KernelSignature common(KernelSignature other) {
        return new KernelSignature(name, IntStream.range(0, Math.min(parameters.size(), other.parameters.size()))
                .mapToObj(i -> parameters.get(i).common(other.parameters.get(i))).toList());
    }

    private boolean agrees(KernelSignature defined) {
        return parameters.size() == defined.parameters.size() && IntStream.range(0, parameters.size())
                .allMatch(i -> parameters.get(i).agrees(defined.parameters.get(i)));
    }

    /** This signature, completed by the driver's sizes, which must {@linkplain #fits fit}. */
    KernelSignature filled(List<ParameterPlace> places) {
        return filled(ofPlaces(name, places));
    }

    /** Whether the driver's sizes and offsets of parameters fit this signature and its alignment. */
    boolean fits(List<ParameterPlace> places) {
        boolean same = places.size() == parameters.size();
        long end = 0;
        for (int i = 0; i < places.size() && same; i++) {
            Parameter parameter = parameters.get(i);
            ParameterPlace place = places.get(i);
            same = (parameter.isHidden() || parameter.bytes == place.size()) && (parameter.alignment == 0
                    || place.offset() == Math.ceilDiv(end, parameter.alignment) * parameter.alignment);
            end = place.offset() + place.size();
        }
        return same;
    }

    /** Refuses the driver's sizes and offsets if they do not fit this signature. */
    void requireAt(List<ParameterPlace> places, String place) {
        if (!fits(places)) {
            List<Long> sizes = places.stream().map(ParameterPlace::size).toList();
            boolean same = sizes.equals(parameters.stream().map(Parameter::bytes).toList());
            throw new IllegalArgumentException("kernel " + name + " in " + place + " has parameters of " + sizes
                    + " bytes" + (same ? " at " + places.stream().map(ParameterPlace::offset).toList() : "")
                    + ", which are not those of " + this + (same ? ", whose alignment is another" : ""));
        }
    }

    /** The first parameter of unknown size. */
    Optional<Parameter> hidden() {
        return parameters.stream().filter(Parameter::isHidden).findFirst();
    }

    /** Checks the number of arguments. */
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

    /** The failure for a missing argument. */
    IllegalStateException notSet(int index) {
        return new IllegalStateException("argument " + (index + 1) + " of " + this
                + " has not been set; set it before the launch");
    }

    /** The failure for a wrong argument. */
    IllegalArgumentException wrong(int index, String given) {
        return wrong(index, given, KernelType.HIDDEN, "");
    }

    /**
     * The failure for a wrong argument. If only the name of the parameter's type is known, the message suggests a
     * declaration that takes the argument.
     *
     * @param as   the type of the argument
     * @param type the argument's type in C++
     */
    IllegalArgumentException wrong(int index, String given, KernelType as, String type) {
        Parameter parameter = parameters.get(index);
        String advice = parameter.kind == Kind.LONG && given.equals("an int") ? "; give a long, such as 3L" : "";
        if (parameter.kind == Kind.STRUCT) {
            advice = "; give its " + parameter.bytes + " bytes as a MemorySegment";
            boolean named = !parameter.type.startsWith(".") && KernelType.named(parameter.type, Map.of()).isEmpty();
            if (named && as.bytes() == parameter.bytes) {
                List<Parameter> declared = new ArrayList<>(parameters);
                declared.set(index, parameter.with(type));
                advice += ", or, where that is what " + parameter.type + " stands for, declare it: kernel(\""
                        + new KernelSignature(name, declared) + "\")";
            }
        }
        return new IllegalArgumentException("argument " + (index + 1) + " of " + this + " is "
                + (parameter.name.isEmpty() ? "" : parameter.name + ", ") + "of type " + parameter.type + ", and "
                + given + " was given" + advice);
    }

    /** The declaration in C++. */
    @Override
    public String toString() {
        return name + parameters.stream().map(Parameter::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
