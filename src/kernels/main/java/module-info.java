import org.jspecify.annotations.NullMarked;

/**
 * Operations of recurrent networks on devices, and CUDA kernels on a program's own buffers. Programs see the operations
 * and the kernels. The implementations of devices are exported to org.charlstm only, which tests them.
 */
@NullMarked
@SuppressWarnings("module")
module org.charlstm.kernels {
    requires jdk.incubator.vector;
    requires transitive org.charlstm.cuda;
    requires static transitive org.jspecify;

    exports org.charlstm.device;
    exports org.charlstm.kernels;
    // org.charlstm checks devices, draws the same random numbers, and reports candidates that a device excluded.
    exports org.charlstm.device.gpu to org.charlstm;
    exports org.charlstm.device.gpu.tools to org.charlstm;
    exports org.charlstm.device.host to org.charlstm;
    exports org.charlstm.device.reference to org.charlstm;
    exports org.charlstm.device.spi to org.charlstm;
    exports org.charlstm.random to org.charlstm;
    exports org.charlstm.selftest to org.charlstm;

    uses org.charlstm.device.DeviceProvider;

    provides org.charlstm.device.DeviceProvider with org.charlstm.device.gpu.GpuProvider,
            org.charlstm.device.cpu.CpuDevice.Provider, org.charlstm.device.gpu.GpuProvider.Simulated,
            org.charlstm.device.reference.ReferenceDevice.Provider;
}
