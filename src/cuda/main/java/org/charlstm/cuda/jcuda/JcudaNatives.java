package org.charlstm.cuda.jcuda;

import jcuda.JCudaVersion;
import jcuda.LibUtils;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CacheFolder;
import org.charlstm.cuda.binding.UnpackedCode;

/**
 * JCuda's native code. By itself JCuda unpacks it to a name that everybody knows, in a folder that all share, and loads
 * the file that lies there already: somebody else's, or half of one that another process is writing. Here it is
 * unpacked beforehand, to a folder of the user's own, and JCuda finds it there, whole.
 */
final class JcudaNatives {
    /** The property that names the folder; JCuda reads it each time. */
    private static final String FOLDER = "java.io.tmpdir";

    /** Classes whose code is loaded, even if its file is gone since. */
    private static final Set<String> STARTED = new HashSet<>();

    private JcudaNatives() {
    }

    /** Starts a class of JCuda's, which loads the code of its name; throws a LinkageError if that does not load. */
    static synchronized Class<?> start(String type) throws ClassNotFoundException {
        if (STARTED.contains(type)) {
            return Class.forName(type);
        }
        String library = type.substring(type.lastIndexOf('.') + 1) + "-" + JCudaVersion.get();
        String file = LibUtils.createLibraryFileName(LibUtils.createPlatformLibraryName(library));
        String folder = unpack(file).toString();
        String before = System.getProperty(FOLDER, "");
        // The JDK has read the property when it started, so its own temporary files stay where they are.
        System.setProperty(FOLDER, folder);
        try {
            Class<?> started = Class.forName(type);
            STARTED.add(type);
            return started;
        } finally {
            System.setProperty(FOLDER, before);
        }
    }

    /** The folder in which the file is then. */
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
