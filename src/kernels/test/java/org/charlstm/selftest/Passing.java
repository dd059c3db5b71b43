package org.charlstm.selftest;

import java.lang.reflect.Proxy;
import module java.base;

/** Passes calls of operations, layers and the like on, except those that a test takes. */
public final class Passing {
    private Passing() {
    }

    /**
     * Passes every call on, except where {@code instead} has a public method of the same name and parameters. An
     * overload that the interface implements by that method gets there too, and so does a method that it implements
     * itself where {@code right} has none.
     *
     * @throws IllegalArgumentException if {@code instead} has another method
     */
    public static <S, T extends S> T on(Class<T> type, S right, Object instead) {
        Map<String, Method> taken = new HashMap<>();
        for (Method method : instead.getClass().getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers())) {
                try {
                    type.getMethod(method.getName(), method.getParameterTypes());
                } catch (NoSuchMethodException e) {
                    throw new IllegalArgumentException("nobody calls " + method, e);
                }
                method.setAccessible(true);
                taken.put(method.getName(), method);
            }
        }
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
                (proxy, called, arguments) -> {
                    Method own = taken.get(called.getName());
                    try {
                        if (own == null && called.getDeclaringClass().isInstance(right)) {
                            return called.invoke(right, arguments);
                        }
                        return own != null && Arrays.equals(own.getParameterTypes(), called.getParameterTypes())
                                ? own.invoke(instead, arguments)
                                : InvocationHandler.invokeDefault(proxy, called, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
