package org.charlstm.cuda.jcuda;

import jcuda.JCudaVersion;
import jcuda.LibUtils;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CacheFolder;
import org.charlstm.cuda.binding.UnpackedCode;

/**
 * Unpacks JCuda's native code safely. JCuda itself unpacks to a predictable name in a shared folder, and loads a file
 * that exists there, even another user's or a half-written one. This class unpacks the code beforehand to a folder of
 * the user's own, where JCuda finds the complete file.
 */
final class JcudaNatives {
    /** The property that names the folder; JCuda reads it each time. */
    private static final String FOLDER = "java.io.tmpdir";

    /** Classes whose native code is loaded; the file may have been deleted since. */
    private static final Set<String> STARTED = new HashSet<>();

    private JcudaNatives() {
    }

    /** Initialises a JCuda class, which loads its native code; throws a LinkageError if the code does not load. */
    static synchronized Class<?> start(String type) throws ClassNotFoundException {
        if (STARTED.contains(type)) {
            return Class.forName(type);
        }
        String library = type.substring(type.lastIndexOf('.') + 1) + "-" + JCudaVersion.get();
        String file = LibUtils.createLibraryFileName(LibUtils.createPlatformLibraryName(library));
        String folder = unpack(file).toString();
        String before = System.getProperty(FOLDER, "");
        // The JDK read the property at its start, so its own temporary files do not move.
        System.setProperty(FOLDER, folder);
        try {
            Class<?> started = Class.forName(type);
            STARTED.add(type);
            return started;
        } finally {
            System.setProperty(FOLDER, before);
        }
    }

    /** Unpacks a file, and returns its folder. */
    private static Path unpack(String file) {
        UnpackedCode unpacked = UnpackedCode.inCache("JCuda's native code", "jcuda");
        byte[] code = code(file);
        unpacked.put(file, CacheFolder.sum(code), () -> code);
        return unpacked.folder();
    }

    private static byte[] code(String file) {
        try (InputStream resource = JcudaNatives.class.getClassLoader().getResourceAsStream("lib/" + file)) {
            if (resource == null) {
                throw new CharlstmException("JCuda's native code is not on the class path, which lacks lib/" + file
                        + "; see docs/cuda-binding.md");
            }
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
