package org.charlstm.jmh;

/** Through a binding. */
final class BindingCalls implements CallCost.Calls {
    private final GpuWork work;

    BindingCalls(GpuWork work) {
        this.work = work;
    }

    @Override
    public void launch() {
        work.driver.launch(work.function, GpuWork.GRID, work.stream, work.arguments);
    }

    @Override
    public void product() {
        work.cublas.multiply(work.handle, GpuWork.PRODUCT, 1, work.a, work.b, 0, work.c);
    }

    @Override
    public void copy() {
        work.driver.copyToDevice(work.memory, work.host, work.stream);
    }

    @Override
    public void record() {
        work.driver.cuEventRecord(work.event, work.stream);
    }
}
