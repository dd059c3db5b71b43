package org.charlstm.cuda.jcuda;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import jcuda.NativePointerObject;
import jcuda.Pointer;
import module java.base;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.NvidiaLibrary;
import org.charlstm.cuda.panama.PanamaCalls;

/**
 * Implements tables by JCuda's methods, found by name and types. A function that JCuda lacks, or declares with other
 * types, is called through java.lang.foreign; {@code JcudaCallsTest} lists these functions.
 */
final class JcudaCalls extends PanamaCalls {
    private static final ClassDesc SEGMENT = desc(MemorySegment.class);
    private static final ClassDesc OBJECT = desc(NativePointerObject.class);
    private static final ClassDesc OBJECTS = desc(JcudaObjects.class);

    private final Class<?> theirs;

    private JcudaCalls(Class<?> theirs) {
        super(MethodHandles.lookup());
        this.theirs = theirs;
    }

    /** Opens a library through a JCuda class. */
    static <T extends NvidiaLibrary> T open(Class<T> table, LibrarySearch.Found library, Class<?> theirs) {
        return new JcudaCalls(theirs).bind(table, library);
    }

    /**
     * JCuda's method for a function. JCuda 12.6 exports some of cuBLAS under names that Java does not look for; methods
     * that end in "_new" call the same functions.
     */
    static Optional<Method> method(Class<?> theirs, Method function) {
        String name = function.getName();
        return Stream.of(name + "_new", name, name.replaceFirst("(_v2|WithFlags)$", ""))
                .flatMap(each -> Arrays.stream(theirs.getMethods()).filter(method -> method.getName().equals(each)))
                .filter(method -> fits(function, method)).findFirst();
    }

    private static boolean fits(Method function, Method method) {
        List<Class<?>> types = List.of(method.getParameterTypes());
        Class<?> result = function.getReturnType();
        int first = hasResult(function) ? 1 : 0;
        if (types.size() != function.getParameterCount() + first
                || method.getReturnType() != (result == Long.class ? long.class : int.class)
                || (first == 1 && types.getFirst() != result.arrayType() && !isObject(types.getFirst()))) {
            return false;
        }
        for (int i = first; i < types.size(); i++) {
            Class<?> from = function.getParameterTypes()[i - first];
            Class<?> to = types.get(i);
            if (from != to && !(from == MemorySegment.class && (to == Pointer.class || to == byte[].class))
                    && !(isObject(to) && (from == int.class || from == long.class || from == long[].class))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isObject(Class<?> type) {
        return NativePointerObject.class.isAssignableFrom(type);
    }

    @Override
    protected void call(CodeBuilder code, Method function) {
        Optional<Method> method = method(theirs, function);
        if (method.isPresent()) {
            new Body(code, function, method.get()).write();
        } else {
            super.call(code, function);
        }
    }

    /** The code of one method. */
    private static final class Body {
        private final CodeBuilder code;
        private final Method function;
        private final Method method;
        private final Class<?>[] types;
        private final int first;
        private final int objects;
        private final Map<Class<?>, Integer> used = new HashMap<>();
        /** For each argument, the local variable of the object that JCuda writes to. */
        private final int[] places;
        private int result = -1;

        Body(CodeBuilder code, Method function, Method method) {
            this.code = code;
            this.function = function;
            this.method = method;
            types = method.getParameterTypes();
            first = hasResult(function) ? 1 : 0;
            objects = code.allocateLocal(TypeKind.REFERENCE);
            places = new int[types.length];
        }

        void write() {
            if (Arrays.stream(types).anyMatch(JcudaCalls::isObject)) {
                code.invokestatic(OBJECTS, "ofThread", MethodTypeDesc.of(OBJECTS)).astore(objects);
            }
            for (int i = 0; i < types.length; i++) {
                if (i < first) {
                    passResult();
                } else {
                    pass(i, function.getParameterTypes()[i - first], code.parameterSlot(i - first));
                }
            }
            code.invokestatic(desc(method.getDeclaringClass()), method.getName(), type(method));
            for (int i = first; i < types.length; i++) {
                takeBack(i, function.getParameterTypes()[i - first], code.parameterSlot(i - first));
            }
            answer(code, function);
            if (first == 1) {
                takeResult(function.getReturnType());
            }
            code.return_(TypeKind.from(function.getReturnType()));
        }

        private void passResult() {
            if (isObject(types[0])) {
                fresh(0);
            } else {
                result = code.allocateLocal(TypeKind.REFERENCE);
                code.iconst_1().newarray(TypeKind.from(function.getReturnType())).dup().astore(result);
            }
        }

        private void takeResult(Class<?> type) {
            if (isObject(types[0])) {
                address(0);
                if (type == int.class) {
                    code.l2i();
                }
            } else {
                code.aload(result).iconst_0().arrayLoad(TypeKind.from(type));
            }
        }

        private void pass(int i, Class<?> from, int slot) {
            if (from == long[].class && isObject(types[i])) {
                fresh(i);
                code.dup().aload(slot).iconst_0().laload()
                        .invokestatic(OBJECTS, "set", MethodTypeDesc.of(CD_void, OBJECT, CD_long));
            } else if (isObject(types[i])) {
                int number = JcudaObjects.number(types[i], used.merge(types[i], 1, Integer::sum));
                code.aload(objects).loadConstant(number).loadLocal(TypeKind.from(from), slot);
                if (from == int.class) {
                    code.i2l();
                }
                code.invokevirtual(OBJECTS, "with", MethodTypeDesc.of(OBJECT, CD_int,
                        from == MemorySegment.class ? SEGMENT : CD_long)).checkcast(desc(types[i]));
            } else {
                code.loadLocal(TypeKind.from(from), slot);
                if (from != types[i]) {
                    places[i] = code.allocateLocal(TypeKind.REFERENCE);
                    code.invokestatic(OBJECTS, "bytes", MethodTypeDesc.of(desc(byte[].class), SEGMENT)).dup()
                            .astore(places[i]);
                }
            }
        }

        private void takeBack(int i, Class<?> from, int slot) {
            if (from == long[].class && isObject(types[i])) {
                code.aload(slot).iconst_0();
                address(i);
                code.lastore();
            } else if (from == MemorySegment.class) {
                if (!isObject(types[i])) {
                    code.aload(places[i]).aload(slot).invokestatic(OBJECTS, "back",
                            MethodTypeDesc.of(CD_void, desc(byte[].class), SEGMENT));
                }
                keep(code, slot);
            }
        }

        /** Makes a new object for JCuda to write to; JCuda may leave more than an address in it. */
        private void fresh(int i) {
            places[i] = code.allocateLocal(TypeKind.REFERENCE);
            code.new_(desc(types[i])).dup().invokespecial(desc(types[i]), INIT_NAME, MTD_void).dup()
                    .astore(places[i]);
        }

        private void address(int i) {
            code.aload(places[i]).invokestatic(OBJECTS, "address", MethodTypeDesc.of(CD_long, OBJECT));
        }
    }
}
