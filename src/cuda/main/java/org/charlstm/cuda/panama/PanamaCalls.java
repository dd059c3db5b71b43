package org.charlstm.cuda.panama;

import static java.lang.constant.ConstantDescs.CD_MethodHandle;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.NvidiaLibrary;

/**
 * Makes the class that implements a table. Each method calls a constant java.lang.foreign handle, which is made at the
 * first call and inlined into callers. Methods have no branches, so the class needs no stack maps.
 */
public class PanamaCalls {
    /**
     * A letter for each kind of argument: l an integer, handle or address, which is passed in 64 bits in every ABI that
     * CUDA has; f a float; p host memory; u an id by value.
     */
    private static final Map<Class<?>, String> KINDS = Map.of(int.class, "l", short.class, "l", byte.class, "l",
            long.class, "l", float.class, "f", MemorySegment.class, "p", byte[].class, "u");
    /** J for functions that return an address, V for functions that return nothing; all others return 32 bits. */
    private static final Map<Class<?>, String> RETURNS = Map.of(Long.class, "J", Void.class, "V");

    private static final ClassDesc SEGMENT = MemorySegment.class.describeConstable().orElseThrow();
    private static final ClassDesc LIBRARY = NvidiaLibrary.class.describeConstable().orElseThrow();
    private static final ClassDesc FOUND = LibrarySearch.Found.class.describeConstable().orElseThrow();
    private static final ClassDesc LINKAGE = Linkage.class.describeConstable().orElseThrow();
    private static final DirectMethodHandleDesc CONSTANT =
            ConstantDescs.ofConstantBootstrap(LINKAGE, "constant", CD_Object);

    private final MethodHandles.Lookup lookup;

    /** Makes classes in the package of the lookup's class. */
    protected PanamaCalls(MethodHandles.Lookup lookup) {
        this.lookup = lookup;
    }

    /** Opens a library through java.lang.foreign; throws if the library lacks functions, or does not start. */
    public static <T extends NvidiaLibrary> T open(Class<T> table, LibrarySearch.Found library) {
        return new PanamaCalls(MethodHandles.lookup()).bind(table, library);
    }

    /** The functions of a table. */
    static List<Method> functions(Class<? extends NvidiaLibrary> table) {
        return Arrays.stream(table.getMethods()).filter(method -> Modifier.isAbstract(method.getModifiers())
                && method.getDeclaringClass() != NvidiaLibrary.class).toList();
    }

    /** Whether a library may lack the function. */
    static boolean isOptional(Method function) {
        return function.getExceptionTypes().length > 0;
    }

    /** Opens a found library. */
    protected final <T extends NvidiaLibrary> T bind(Class<T> table, LibrarySearch.Found library) {
        T opened = table.cast(implementation(table, library));
        List<String> missing = functions(table).stream().filter(function -> !isOptional(function))
                .map(Method::getName).filter(function -> !opened.has(function)).sorted().toList();
        if (!missing.isEmpty()) {
            throw new CharlstmException(library.place() + " lacks " + String.join(", ", missing) + "; "
                    + opened.remedy());
        }
        opened.start();
        return opened;
    }

    private Object implementation(Class<? extends NvidiaLibrary> table, LibrarySearch.Found library) {
        ClassDesc name = ClassDesc.of(lookup.lookupClass().getPackageName(), table.getSimpleName() + "Calls");
        byte[] code = ClassFile.of().build(name, type -> {
            type.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL).withInterfaceSymbols(desc(table));
            type.withMethodBody(INIT_NAME, MTD_void, ClassFile.ACC_PUBLIC,
                    body -> body.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void).return_());
            type.withMethodBody("library", MethodTypeDesc.of(FOUND), ClassFile.ACC_PUBLIC,
                    body -> body.ldc(DynamicConstantDesc.ofNamed(CONSTANT, "library", FOUND)).areturn());
            for (Method function : functions(table)) {
                type.withMethodBody(function.getName(), type(function), ClassFile.ACC_PUBLIC,
                        isOptional(function) && library.symbols().find(function.getName()).isEmpty()
                                ? body -> refuse(body, function) : body -> call(body, function));
            }
        });
        try {
            return lookup.defineHiddenClassWithClassData(code, library, true).lookupClass().getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the class of a table cannot be made", e);
        }
    }

    private static void refuse(CodeBuilder code, Method function) {
        code.aload(0).ldc(function.getName())
                .invokeinterface(LIBRARY, "lacks", MethodTypeDesc.of(desc(CharlstmException.class), CD_String))
                .athrow();
    }

    /** Writes a method that calls the function of the same name. */
    protected void call(CodeBuilder code, Method function) {
        Class<?>[] types = function.getParameterTypes();
        int[] copies = new int[types.length];
        int result = hasResult(function) ? code.allocateLocal(TypeKind.REFERENCE) : -1;
        if (result >= 0) {
            code.invokestatic(LINKAGE, "result", MethodTypeDesc.of(SEGMENT)).astore(result);
        }
        for (int i = 0; i < types.length; i++) {
            if (isCopied(types[i])) {
                copies[i] = code.allocateLocal(TypeKind.REFERENCE);
                code.aload(code.parameterSlot(i))
                        .invokestatic(LINKAGE, "copy", MethodTypeDesc.of(SEGMENT, desc(types[i]))).astore(copies[i]);
            }
        }
        StringBuilder kinds = new StringBuilder(result >= 0 ? "l" : "");
        for (Class<?> type : types) {
            kinds.append(KINDS.getOrDefault(type, "l"));
        }
        kinds.append(RETURNS.getOrDefault(function.getReturnType(), "I"));
        code.ldc(DynamicConstantDesc.ofNamed(CONSTANT, kinds.toString(), CD_MethodHandle))
                .ldc(DynamicConstantDesc.ofNamed(CONSTANT, function.getName(), SEGMENT));
        if (result >= 0) {
            address(code.aload(result));
        }
        for (int i = 0; i < types.length; i++) {
            code.loadLocal(isCopied(types[i]) ? TypeKind.REFERENCE : TypeKind.from(types[i]),
                    isCopied(types[i]) ? copies[i] : code.parameterSlot(i));
            if (isCopied(types[i]) && types[i] != byte[].class) {
                address(code);
            } else if (types[i] == int.class || types[i] == short.class || types[i] == byte.class) {
                code.i2l();
            }
        }
        code.invokevirtual(CD_MethodHandle, "invokeExact", handleType(kinds));
        for (int i = 0; i < types.length; i++) {
            if (types[i] == int[].class || types[i] == long[].class) {
                code.aload(copies[i]).aload(code.parameterSlot(i))
                        .invokestatic(LINKAGE, "back", MethodTypeDesc.of(CD_void, SEGMENT, desc(types[i])));
            } else if (isCopied(types[i])) {
                keep(code, copies[i]);
            }
        }
        answer(code, function);
        if (result >= 0) {
            Class<?> number = function.getReturnType();
            code.aload(result).invokestatic(LINKAGE, number + "At", MethodTypeDesc.of(desc(number), SEGMENT));
        }
        code.return_(TypeKind.from(function.getReturnType()));
    }

    /** Whether the function's first argument points to what the method returns. */
    protected static boolean hasResult(Method function) {
        return function.getReturnType().isPrimitive() && function.getReturnType() != void.class;
    }

    private static boolean isCopied(Class<?> type) {
        return type.isArray() || type == String.class;
    }

    private static void address(CodeBuilder code) {
        code.invokeinterface(SEGMENT, "address", MethodTypeDesc.of(CD_long));
    }

    /** Boxes the function's return value on the stack, or checks it as a status and removes it. */
    protected static void answer(CodeBuilder code, Method function) {
        Class<?> type = function.getReturnType();
        if (type == Void.class) {
            code.aconst_null();
        } else if (!type.isPrimitive()) {
            ClassDesc number = type == Long.class ? CD_long : CD_int;
            code.invokestatic(desc(type), "valueOf", MethodTypeDesc.of(desc(type), number));
        } else {
            code.aload(0).ldc(function.getName()).invokestatic(LINKAGE, "check",
                    MethodTypeDesc.of(CD_void, CD_int, LIBRARY, CD_String));
        }
    }

    /** Keeps an object reachable until here. */
    protected static void keep(CodeBuilder code, int local) {
        code.aload(local).invokestatic(desc(Reference.class), "reachabilityFence",
                MethodTypeDesc.of(CD_void, CD_Object));
    }

    private static MethodTypeDesc handleType(CharSequence kinds) {
        ClassDesc[] types = new ClassDesc[kinds.length()];
        types[0] = SEGMENT;
        for (int i = 1; i < types.length; i++) {
            types[i] = switch (kinds.charAt(i - 1)) {
                case 'l' -> CD_long;
                case 'f' -> CD_float;
                default -> SEGMENT;
            };
        }
        return MethodTypeDesc.of(switch (kinds.charAt(kinds.length() - 1)) {
            case 'J' -> CD_long;
            case 'V' -> CD_void;
            default -> CD_int;
        }, types);
    }

    /** The types of a method in a class file. */
    protected static MethodTypeDesc type(Method method) {
        return MethodType.methodType(method.getReturnType(), method.getParameterTypes()).describeConstable()
                .orElseThrow();
    }

    /** The name of a class in a class file. */
    protected static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }
}
