package org.charlstm.device.gpu;

import java.lang.reflect.Proxy;
import java.util.function.BiConsumer;
import org.charlstm.cuda.CudaDriver;

/** A driver that does nothing but number what it gives out, and tells of every call. */
public final class FakeDriver {
    private FakeDriver() {
    }

    /** Tells the listener each method's name and arguments. */
    public static CudaDriver telling(BiConsumer<String, Object[]> listener) {
        long[] handles = {100};
        return (CudaDriver) Proxy.newProxyInstance(FakeDriver.class.getClassLoader(), new Class<?>[] {CudaDriver.class},
                (proxy, method, arguments) -> {
                    listener.accept(method.getName(), arguments);
                    Class<?> type = method.getReturnType();
                    if (method.getName().equals("device")) {
                        return arguments[0];
                    }
                    return type == long.class ? (Object) handles[0]++ : type == int.class ? 0 : null;
                });
    }
}
