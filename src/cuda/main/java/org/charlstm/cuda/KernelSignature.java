package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver.ParameterPlace;
import org.jspecify.annotations.Nullable;

/**
 * A kernel's name and parameters, to which the arguments of a launch are held: to their sizes, and to whether they are
 * integers, reals or structures. Whether an integer has a sign the kernel alone knows; its bits are the same.
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
        /** The upper half of a float32, likewise. */
        BFLOAT16(Short.BYTES),
        /** A {@code Float}. */
        FLOAT(Float.BYTES),
        /** A {@code Double}. */
        DOUBLE(Double.BYTES),
        /** A structure, or a type of which the name alone is known: a {@code MemorySegment} of its bytes. */
        STRUCT(0),
        /** Of an unknown kind, of known size: whatever has as many bytes. */
        BITS(0);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }

        /** 0 if they depend. */
        int bytes() {
            return bytes;
        }
    }

    /**
     * A parameter.
     *
     * @param type      as the declaration has it, for example {@code const float*}
     * @param name      empty if it has none
     * @param bytes     its size; 0 if only the kernel's code tells it
     * @param alignment in bytes; 0 if only the kernel's code tells it
     * @param element   of the buffer that a pointer takes; null for any
     * @param members   of a structure: its numbers and where they lie, as in {@code int at 0, double at 8}; empty if
     *                  that is not known
     */
    @SuppressWarnings("exports") // An annotation alone, which users need not have.
    public record Parameter(String type, String name, Kind kind, long bytes, long alignment,
            @Nullable CudaType element, String members) {
        /** Refuses null where there has to be something. */
        public Parameter {
            Objects.requireNonNull(members, "the members is null");
            Objects.requireNonNull(type, "the type is null");
            Objects.requireNonNull(name, "the name is null");
            Objects.requireNonNull(kind, "the kind is null");
        }

        static Parameter of(String type, String name, KernelType as, @Nullable CudaType element) {
            return new Parameter(type, name, as.kind(), as.bytes(), as.alignment(), element, as.members());
        }

        /** One that is no structure whose members are known. */
        static Parameter of(String type, Kind kind, long bytes, long alignment) {
            return new Parameter(type, "", kind, bytes, alignment, null, StructureMembers.UNKNOWN);
        }

        private static Parameter bits(String type, long bytes) {
            return of(type, Kind.BITS, bytes, 0);
        }

        /** Whether its name alone is known. */
        private boolean isHidden() {
            return bytes == 0;
        }

        /** Whether a launch passes the same by this as by the other. */
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

        /** An address is a number of 64 bits, a truth one of 8; in PTX a real of 16 bits is a structure. */
        private boolean passes(Parameter other) {
            return kind == Kind.BITS || (kind == Kind.POINTER && other.kind == Kind.LONG)
                    || (kind == Kind.BOOL && other.kind == Kind.BYTE)
                    || (kind == Kind.STRUCT && (other.kind == Kind.HALF || other.kind == Kind.BFLOAT16));
        }

        /** With what the other tells of a type whose name alone is known here. */
        private Parameter filled(Parameter other) {
            return isHidden() ? new Parameter(type, name, other.kind == Kind.BITS ? kind : other.kind, other.bytes,
                    other.alignment, element, members) : this;
        }

        /** The part that both agree in. */
        private Parameter common(Parameter other) {
            String both = type.equals(other.type) ? type : type + " or " + other.type;
            return kind != other.kind || bytes != other.bytes
                    ? new Parameter(both, name, Kind.BITS, Math.max(bytes, other.bytes), 0, null,
                            StructureMembers.UNKNOWN)
                    : new Parameter(both, name, kind, bytes, alignment, element == other.element ? element : null,
                            members.equals(other.members) ? members : StructureMembers.UNKNOWN);
        }

        /** With another type, for a suggestion. */
        private Parameter with(String other) {
            return new Parameter(other, name, kind, bytes, alignment, element, members);
        }

        @Override
        public String toString() {
            return name.isEmpty() ? type : type + " " + name;
        }
    }

    /** Keeps a copy. */
    public KernelSignature {
        Objects.requireNonNull(name, "the name is null");
        parameters = List.copyOf(Objects.requireNonNull(parameters, "the list of parameters is null"));
    }

    /**
     * Reads a declaration as C++ has it, for example {@code saxpy(int n, float a, const float* x, float* y)}; names of
     * parameters may be left out. A type that C++ and CUDA do not name is a structure, whose size the kernel's code
     * tells.
     *
     * @throws IllegalArgumentException if it is none, or has a parameter that no launch passes, such as a reference
     */
    public static KernelSignature of(String declaration) {
        return of(declaration, Map.of());
    }

    /**
     * Reads a declaration with names of types that a program knows: structures, or other names of numbers' types, such
     * as {@code k(Pair pair, real a)} with {@code Map.of("Pair", PAIR, "real", JAVA_FLOAT)}.
     *
     * @param types by name: the layout of each
     * @throws IllegalArgumentException as {@link #of(String)} does, and if a name is of no parameter's type
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

    /** By a letter for each parameter: p a pointer, l 64 bits, i 32 bits, f a float, d a double. */
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

    /** Of a kernel whose parameters' places alone are known. */
    static KernelSignature ofPlaces(String name, List<ParameterPlace> places) {
        return new KernelSignature(name, places.stream()
                .map(place -> Parameter.bits(place.size() + " bytes", place.size())).toList());
    }

    /**
     * Refuses a declaration that no definition bears out, of those that a text has of the kernel, if any are known.
     *
     * @return this, with what the text tells of types that are known by name here
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

    /** The parameters on which two overloads agree, where the text does not tell which of them is meant. */
    KernelSignature common(KernelSignature other) {
        return new KernelSignature(name, IntStream.range(0, Math.min(parameters.size(), other.parameters.size()))
                .mapToObj(i -> parameters.get(i).common(other.parameters.get(i))).toList());
    }

    private boolean agrees(KernelSignature defined) {
        return parameters.size() == defined.parameters.size() && IntStream.range(0, parameters.size())
                .allMatch(i -> parameters.get(i).agrees(defined.parameters.get(i)));
    }

    /** With the sizes of a driver, which have to {@linkplain #fits fit}. */
    KernelSignature filled(List<ParameterPlace> places) {
        return filled(ofPlaces(name, places));
    }

    /** Whether a driver's places of parameters are these: sizes, and the gaps that alignment leaves. */
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

    /** Refuses a driver's places of parameters that are not these. */
    void requireAt(List<ParameterPlace> places, String place) {
        if (!fits(places)) {
            List<Long> sizes = places.stream().map(ParameterPlace::size).toList();
            boolean same = sizes.equals(parameters.stream().map(Parameter::bytes).toList());
            throw new IllegalArgumentException("kernel " + name + " in " + place + " has parameters of " + sizes
                    + " bytes" + (same ? " at " + places.stream().map(ParameterPlace::offset).toList() : "")
                    + ", which are not those of " + this + (same ? ", whose alignment is another" : ""));
        }
    }

    /** The first parameter whose size nobody has told. */
    Optional<Parameter> hidden() {
        return parameters.stream().filter(Parameter::isHidden).findFirst();
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
        return wrong(index, given, KernelType.HIDDEN, "");
    }

    /**
     * The same, with the declaration that takes it where the parameter's type is one of which the name alone is known.
     *
     * @param as   what was given
     * @param type how C++ calls that
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

    /** As C++ declares it. */
    @Override
    public String toString() {
        return name + parameters.stream().map(Parameter::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
