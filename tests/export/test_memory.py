"""The parameter that says where a core reads its memory images."""

from hwflow.export.memory import with_parameter

HEAD = "// Made by hwflow.\nmodule hwf_net (\n    input  logic clk\n);\n"
ROM = '  hwf_rom #(\n      .FILE("memory/hwf_net_a.hex"),\n      .STYLE("auto")\n  ) a ();\n'


def test_every_name_of_an_image_begins_with_it() -> None:
    text = HEAD + ROM + ROM.replace("_a.hex", "_b_threshold_") + "endmodule\n"
    files = {"rtl/hwf_net.sv": text.encode(), "rtl/hwf_rom.sv": b"module hwf_rom;", "memory/hwf_net_a.hex": b"0\n"}
    made = with_parameter(files, "hwf_net", "./")
    net = made["rtl/hwf_net.sv"].decode()
    assert 'module hwf_net #(\n    parameter MEMORY = "./"  //' in net and ") (\n    input  logic clk\n);" in net
    assert '.FILE({MEMORY, "hwf_net_a.hex"})' in net and '.FILE({MEMORY, "hwf_net_b_threshold_"})' in net
    assert '.STYLE("auto")' in net and "memory/" not in net
    assert {path: made[path] for path in files if path != "rtl/hwf_net.sv"} == {
        path: files[path] for path in files if path != "rtl/hwf_net.sv"
    }
    assert 'parameter MEMORY = "memory/"' in with_parameter(files, "hwf_net")["rtl/hwf_net.sv"].decode()


def test_a_core_without_images_stays_as_it_is() -> None:
    files = {"rtl/hwf_net.sv": (HEAD + "endmodule\n").encode()}
    assert with_parameter(files, "hwf_net") == files
