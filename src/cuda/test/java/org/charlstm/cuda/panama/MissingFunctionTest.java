package org.charlstm.cuda.panama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.NvidiaLibrary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A library that lacks a function is an answer that names the function; one that is only of help may be missing. */
class MissingFunctionTest {
    static final Set<String> OPTIONAL = Set.of("cuGetErrorName", "cudnnGetErrorString",
            "cudnnGetLastErrorString", "ncclGetLastError", "cuLaunchKernelEx", "cuGraphExecUpdate_v2",
            "cuFuncGetParamInfo", "cuMemAllocAsync", "cuMemFreeAsync", "cuDeviceGetDefaultMemPool",
            "cuMemPoolSetAttribute", "cuMemAllocManaged", "cuMemGetAddressRange_v2", "cuPointerGetAttribute",
            "cuDeviceCanAccessPeer", "cuMemcpyPeerAsync", "cuMemcpy2DAsync_v2", "cuStreamGetCtx", "cuLaunchHostFunc",
            "cuOccupancyMaxActiveClusters", "cuOccupancyMaxPotentialClusterSize", "cuLinkCreate_v2",
            "cuLinkAddData_v2", "cuLinkComplete", "cuLinkDestroy", "cuTexObjectCreate", "cuTexObjectDestroy");

    static List<Class<? extends NvidiaLibrary>> tables() {
        return Stub.TABLES;
    }

    /** A table says by what a method declares whether its function may be missing. */
    @Test
    void onlyTheseMayBeMissing() {
        assertEquals(new TreeSet<>(OPTIONAL), Stub.TABLES.stream()
                .flatMap(table -> PanamaCalls.functions(table).stream()).filter(PanamaCalls::isOptional)
                .map(Method::getName).collect(Collectors.toCollection(TreeSet::new)));
    }

    @ParameterizedTest
    @MethodSource("tables")
    void isNamed(Class<? extends NvidiaLibrary> table) {
        for (Method function : PanamaCalls.functions(table)) {
            String name = function.getName();
            if (OPTIONAL.contains(name)) {
                assertNotNull(PanamaCalls.open(table, Stub.without(name)));
            } else {
                CharlstmException e = assertThrows(CharlstmException.class,
                        () -> PanamaCalls.open(table, Stub.without(name)), name);
                assertTrue(e.getMessage().startsWith("libstub.so lacks " + name + "; "), e.getMessage());
                assertEquals(1, e.getMessage().lines().count());
            }
        }
    }

    /** A program that calls none of them needs no newer driver; one that does is told so. */
    @Test
    void recentOnesAreAskedForAtTheCall() {
        CudaDriver driver = PanamaCalls.open(CudaDriver.class,
                Stub.without("cuLaunchKernelEx", "cuGraphExecUpdate_v2", "cuFuncGetParamInfo", "cuMemAllocAsync",
                        "cuOccupancyMaxActiveClusters"));
        Grid clusters = Grid.of(4, 32).cluster(2, 1, 1);
        assertEquals("libstub.so has no cuLaunchKernelEx; update the GPU driver to CUDA 12 or newer",
                assertThrows(CharlstmException.class, () -> driver.launch(1, clusters, 0, MemorySegment.NULL))
                        .getMessage());
        assertEquals("libstub.so has no cuMemAllocAsync; update the GPU driver to CUDA 12 or newer",
                assertThrows(CharlstmException.class, () -> driver.cuMemAllocAsync(4, 0)).getMessage());
        assertEquals("libstub.so has no cuOccupancyMaxActiveClusters; update the GPU driver to CUDA 12 or newer",
                assertThrows(CharlstmException.class, () -> driver.clustersAtOnce(1, clusters)).getMessage());
        assertEquals("libstub.so has no cuLaunchKernelEx; update the GPU driver to CUDA 12 or newer",
                assertThrows(CharlstmException.class,
                        () -> driver.launch(1, Grid.of(1, 1).cooperative(), 0, MemorySegment.NULL)).getMessage());
        assertEquals("libstub.so has no cuGraphExecUpdate_v2; update the GPU driver to CUDA 12 or newer",
                assertThrows(CharlstmException.class, () -> driver.update(1, 2)).getMessage());
        assertNull(driver.parameters(1));
    }

    @ParameterizedTest
    @MethodSource("tables")
    void allAreNamedTogether(Class<? extends NvidiaLibrary> table) {
        String[] names = PanamaCalls.functions(table).stream().map(Method::getName)
                .filter(name -> !OPTIONAL.contains(name)).sorted().toArray(String[]::new);
        CharlstmException e = assertThrows(CharlstmException.class,
                () -> PanamaCalls.open(table, Stub.without(Arrays.copyOf(names, 3))));
        assertTrue(e.getMessage().startsWith("libstub.so lacks " + names[0] + ", " + names[1] + ", " + names[2]
                + "; "), e.getMessage());
    }
}
