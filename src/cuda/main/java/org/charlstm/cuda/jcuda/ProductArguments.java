package org.charlstm.cuda.jcuda;

import jcuda.Pointer;
import jcuda.jcublas.cublasHandle;
import org.charlstm.cuda.binding.ProductFactors;

/** JCuda's objects for the arguments of products, a thread's own as {@link DriverArguments} are. */
final class ProductArguments {
    private static final ThreadLocal<ProductArguments> OF_THREAD = ThreadLocal.withInitial(ProductArguments::new);

    final cublasHandle handle = new cublasHandle();
    final Pointer alpha = new Pointer();
    final Pointer a = new Pointer();
    final Pointer b = new Pointer();
    final Pointer beta = new Pointer();
    final Pointer c = new Pointer();

    private ProductArguments() {
    }

    /** This thread's, with the values of a product. */
    static ProductArguments of(long handle, ProductFactors factors, long a, long b, long c) {
        ProductArguments arguments = OF_THREAD.get();
        Address.in(arguments.handle, handle);
        Address.in(arguments.alpha, factors.alpha().address());
        Address.in(arguments.a, a);
        Address.in(arguments.b, b);
        Address.in(arguments.beta, factors.beta().address());
        Address.in(arguments.c, c);
        return arguments;
    }
}
