# Vivado's commands as far as hwflow's scripts use them, for tclsh: each knows its arguments and refuses what Vivado would, and what
# comes out is told line by line. It is no Vivado: it knows of an IP's pins and parameters what AMD's product guides say of it
# (PG082, PG201, PG021, PG247, PG164), and of the core what the attributes of its wrapper say.
#
# The calling interpreter has read vivado_ips.tcl; `parts` and `presets` are the parts there are, and the boards whose files are
# there; `told` gets the lines.

proc refuse {text} { error "VIVADO REFUSES: $text" }

# Options of a command: names that take a value, names that are flags; gives the values by name, and under {} what is left.
proc options {arguments valued flags} {
  set found [dict create {} {}]
  while {[llength $arguments]} {
    set arguments [lassign $arguments word]
    if {[string match -* $word]} {
      if {$word in $flags} { dict set found $word 1; continue }
      if {$word ni $valued} { refuse "[lindex [info level -1] 0] has no option $word" }
      if {![llength $arguments]} { refuse "$word lacks its value" }
      set arguments [lassign $arguments value]
      dict set found $word $value
    } else { dict lappend found {} $word }
  }
  return $found
}

set told {}
set files {}
set made {}
set cells [dict create]
set configs [dict create]
set joined [dict create]
set driven [dict create]
set segments [dict create]
set state {project 0 design {} validated 0 generated 0 wrapped 0 top {} ran 0 open 0 memory 0 part {} saved 0}
proc tell {line} { lappend ::told $line }
proc is {what} { dict get $::state $what }
proc put_state {what value} { dict set ::state $what $value }
proc need {what text} { if {[is $what] in {0 {}}} { refuse $text } }

proc create_project {args} {
  set given [options $args {-part} {-force -in_memory}]
  if {[llength [dict get $given {}]] != 2} { refuse "create_project takes a name and a folder" }
  set part [dict get $given -part]
  if {$part ni $::parts} { refuse "there is no part $part" }
  put_state project 1
  put_state part $part
  set ::folder [lindex [dict get $given {}] 1]
  tell "part $part"
}
proc current_project {} { need project "no open project"; return project }
proc get_board_parts {args} {
  set given [options $args {} {-quiet -latest_file_version}]
  return [lsearch -all -inline -glob $::presets [lindex [dict get $given {}] 0]]
}
proc add_files {args} {
  set given [options $args {-fileset} {-norecurse}]
  need project "no open project"
  foreach file [dict get $given {}] {
    if {![::file isfile $file] && $file ni $::made} { refuse "there is no file $file" }
    if {$file in $::files} { refuse "$file is added twice" }
    lappend ::files $file
    if {[string match $::root/* $file] && ![string match $::folder/* $file]} { tell "file [string range $file [string length $::root]+1 end]" }
  }
}
proc get_files {pattern} {
  set found [lsearch -all -inline -glob [list {*}$::files {*}$::made] */$pattern]
  if {![llength $found]} { refuse "no file is called $pattern" }
  return $found
}
proc get_filesets {name} { if {$name ne "sources_1"} { refuse "no fileset $name" }; return $name }
proc update_compile_order {args} { options $args {-fileset} {}; need project "no open project" }
proc get_ipdefs {pattern} {
  foreach {name ip} $::ips {
    set vlnv xilinx.com:ip:$name:[lindex $ip 0]
    if {[string match $pattern $vlnv]} { return $vlnv }
  }
  refuse "no IP is called $pattern"
}
proc get_runs {name} { if {$name ni {synth_1 impl_1}} { refuse "no run $name" }; return $name }
proc get_property {name object} {
  switch -- $name {
    VLNV { return $object }
    PROGRESS { return [expr {[is ran] ? "100%" : "0%"}] }
  }
  refuse "no property $name is known"
}

proc create_bd_design {name} {
  need project "no open project"
  put_state design $name
  lappend ::made $::folder/hwflow.srcs/sources_1/bd/$name/$name.bd
}
proc create_bd_cell {args} {
  set given [options $args {-type -vlnv -reference} {}]
  need design "no open block design"
  set name [lindex [dict get $given {}] 0]
  if {[dict exists $::cells $name]} { refuse "there is a cell $name" }
  switch [dict get $given -type] {
    ip {
      set kind [lindex [split [dict get $given -vlnv] :] 2]
      lassign [dict get $::ips $kind] version known buses pins
      tell "cell $name xilinx.com:ip:$kind"
    }
    module {
      set kind [dict get $given -reference]
      lassign [module_of $kind] buses pins
      set known {}
      tell "cell $name module $kind"
    }
  }
  dict set ::cells $name [dict create kind $kind known $known buses $buses pins $pins]
  dict set ::configs $name {}
}
# The interfaces that Vivado finds in a module of one of the project's files.
proc module_of {name} {
  foreach file $::files {
    set channel [open $file]; set text [read $channel]; close $channel
    if {![regexp "\\mmodule $name\\M" $text]} { continue }
    if {[::file extension $file] eq ".sv"} { refuse "module reference $name is SystemVerilog" }
    set buses {}; set pins {}; set clock {}; set seen [dict create]
    set pattern {X_INTERFACE_INFO = "xilinx.com:(signal|interface):(\w+):1.0 (\w+) (\w+)" \*\)\s*(?:\(\* X_INTERFACE_PARAMETER = "([^"]*)" \*\)\s*)?(input|output) +wire +(?:\[(\d+):0\] +)?(\w+)}
    foreach {- class kind bus signal parameter direction high port} [regexp -all -inline $pattern $text] {
      dict lappend seen $bus $signal
      if {$class eq "signal"} {
        set kind [dict get {clock clk reset rst interrupt intr} $kind]
        lappend pins $port [expr {$direction eq "input" ? "I" : "O"}] $kind
        if {$kind eq "clk"} {
          set clock $port
          if {![regexp {ASSOCIATED_BUSIF ([\w:]+), ASSOCIATED_RESET aresetn} $parameter - associated]} { refuse "$port has no interfaces" }
        }
      } elseif {$signal in {TVALID AWVALID}} {
        set mode [expr {$direction eq "input" ? "Slave" : "Master"}]
        lappend buses $bus [expr {$kind eq "axis" ? "axis" : "lite"}] $mode $clock
      } elseif {$signal eq "TDATA"} { dict set ::widths core/$bus [expr {$high + 1}] }
    }
    foreach {bus kind - -} $buses {
      if {$bus ni [split $associated :]} { refuse "$bus has no clock" }
      set wanted [expr {$kind eq "axis" ? {TDATA TVALID TREADY} : {AWADDR AWVALID AWREADY WDATA WSTRB WVALID WREADY BRESP BVALID BREADY ARADDR ARVALID ARREADY RDATA RRESP RVALID RREADY}}]
      foreach signal $wanted { if {$signal ni [dict get $seen $bus]} { refuse "$bus has no $signal" } }
    }
    return [list $buses $pins]
  }
  refuse "no module $name in the project"
}
proc get_bd_cells {name} { if {![dict exists $::cells $name]} { refuse "no cell $name" }; return $name }
proc apply_bd_automation {args} {
  set given [options $args {-rule -config} {}]
  set cell [lindex [dict get $given {}] 0]
  set kind [dict get $::cells $cell kind]
  if {[dict get $given -rule] ne "xilinx.com:bd_rule:$kind"} { refuse "no rule [dict get $given -rule] for $kind" }
  set config [dict get $given -config]
  if {[dict get $config apply_board_preset] && ![info exists ::board]} { refuse "no board, so no preset" }
  foreach key [dict keys $config] { if {$key ni {apply_board_preset make_external Master Slave}} { refuse "the rule has no $key" } }
  tell "automation $config"
}
proc set_property {args} {
  if {[lindex $args 0] eq "-dict"} {
    lassign $args - values cell
    if {![dict exists $::cells $cell]} { refuse "no cell $cell" }
    dict for {name value} $values {
      set name [string range $name [string length CONFIG.] end]
      if {$name ni [dict get $::cells $cell known]} { refuse "[dict get $::cells $cell kind] has no parameter $name" }
      check_value $name $value
      dict set ::configs $cell $name $value
      tell "config $cell $name $value"
    }
    return
  }
  lassign $args name value object
  switch -- $name {
    board_part { if {$value ni $::presets} { refuse "no board $value" }; set ::board $value; tell "board $value" }
    file_type { if {$value ni {Verilog SystemVerilog}} { refuse "no file type $value" } }
    verilog_define { tell "define $value" }
    synth_checkpoint_mode { if {$value ni {None Singular Hierarchical}} { refuse "no mode $value" } }
    top { if {![is wrapped] || $value ne "[is design]_wrapper"} { refuse "no module $value" }; put_state top $value }
    STEPS.SYNTH_DESIGN.TCL.PRE {
      if {![::file isfile $value]} { refuse "there is no file $value" }
      if {$object ne "synth_1"} { refuse "$object does no synthesis" }
      put_state memory $value
      tell "before synthesis [::file tail $value]"
    }
    default { refuse "no property $name is known" }
  }
}
proc check_value {name value} {
  if {[regexp {_tdata_width$} $name] && $value ni {8 16 32 64 128 256 512 1024}} { refuse "$name cannot be $value" }
  if {[regexp {_data_width$} $name] && ![regexp tdata $name] && $value ni {32 64 128 256 512 1024}} { refuse "$name cannot be $value" }
  if {$name eq "c_sg_length_width" && !($value >= 8 && $value <= 26)} { refuse "$name cannot be $value" }
  if {$name eq "c_addr_width" && !($value >= 32 && $value <= 64)} { refuse "$name cannot be $value" }
  if {$name in {NUM_SI NUM_MI} && !($value >= 1 && $value <= 16)} { refuse "$name cannot be $value" }
}

# KIND MODE CLOCK of an interface pin; DIRECTION KIND of a pin.
proc bus_of {path} {
  lassign [split $path /] cell pin
  if {![dict exists $::cells $cell]} { refuse "no cell $cell" }
  foreach {name kind mode clock} [dict get $::cells $cell buses] { if {$name eq $pin && [enabled $cell $pin]} { return [list $kind $mode $clock] } }
  if {[dict get $::cells $cell kind] eq "smartconnect" && [regexp {^([SM])(\d\d)_AXI$} $pin - side number]} {
    if {[scan $number %d] < [dict get $::configs $cell NUM_${side}I]} { return [list any [expr {$side eq "S" ? "Slave" : "Master"}] aclk] }
  }
  refuse "no interface pin $path"
}
proc pin_of {path} {
  lassign [split $path /] cell pin
  if {![dict exists $::cells $cell]} { refuse "no cell $cell" }
  foreach {name direction kind} [dict get $::cells $cell pins] { if {$name eq $pin && [enabled $cell $pin]} { return [list $direction $kind] } }
  if {[dict get $::cells $cell kind] eq "xlconcat" && [regexp {^In(\d)$} $pin - number] && $number < [dict get $::configs $cell NUM_PORTS]} { return {I intr} }
  refuse "no pin $path"
}
proc enabled {cell pin} {
  if {$cell ne "processor" || ![dict exists $::enabling $pin]} { return 1 }
  set config [dict get $::configs $cell]
  set by [dict get $::enabling $pin]
  return [expr {[dict exists $config $by] && [dict get $config $by]}]
}
proc get_bd_intf_pins {path} { bus_of $path; return $path }
proc get_bd_pins {path} { pin_of $path; return $path }
proc connect_bd_intf_net {a b} {
  set ends [dict create]
  foreach path [list $a $b] {
    if {[dict exists $::joined $path]} { refuse "$path is connected" }
    lassign [bus_of $path] kind mode
    dict set ends $mode [list $path $kind]
  }
  if {[dict size $ends] != 2} { refuse "$a and $b are both [lindex [bus_of $a] 1]" }
  lassign [dict get $ends Master] master kind
  lassign [dict get $ends Slave] slave other
  if {($kind eq "axis") != ($other eq "axis")} { refuse "$master is $kind and $slave is $other" }
  dict set ::joined $master $slave
  dict set ::joined $slave $master
  tell "bus $master $slave"
}
proc connect_bd_net {a b} {
  if {[lindex [pin_of $a] 0] ne "O" || [lindex [pin_of $b] 0] ne "I"} { refuse "$a does not drive $b" }
  if {[lindex [pin_of $a] 1] ne [lindex [pin_of $b] 1]} { refuse "$a is no signal for $b" }
  if {[dict exists $::driven $b]} { refuse "$b is driven" }
  dict set ::driven $b $a
  tell "net $a $b"
}
proc get_bd_addr_spaces {name} { if {$name ne "processor/Data"} { refuse "no address space $name" }; return $name }
proc get_bd_addr_segs {path} {
  lassign [split $path /] cell bus segment
  lassign [bus_of $cell/$bus] kind mode
  if {$kind ne "lite" || $mode ne "Slave"} { refuse "no segment $path" }
  # The DMA's is called Reg, that of a module reg0.
  if {$segment ne [expr {[dict get $::cells $cell kind] eq "axi_dma" ? "Reg" : "reg0"}]} { refuse "no segment $path" }
  return $path
}
proc assign_bd_address {args} {
  set given [options $args {-offset -range -target_address_space} {-force}]
  set segment [lindex [dict get $given {}] 0]
  if {$segment eq ""} { put_state memory_mapped 1; tell "the rest of the addresses"; return }
  set at [expr {[dict get $given -offset]}]
  set size [expr {[dict get $given -range]}]
  if {$size < 4096 || ($size & ($size - 1)) || $at % $size} { refuse "$segment cannot be at [dict get $given -offset]" }
  set lowest [expr {[dict get $::cells processor kind] eq "processing_system7" ? 0x40000000 : 0xA0000000}]
  set highest [expr {[dict get $::cells processor kind] eq "processing_system7" ? 0x7FFFFFFF : 0xAFFFFFFF}]
  if {$at < $lowest || $at + $size - 1 > $highest} { refuse "$segment lies where the processor has no port to the logic" }
  dict for {other place} $::segments {
    lassign $place from bytes
    if {$at < $from + $bytes && $from < $at + $size} { refuse "$segment overlaps $other" }
  }
  dict set ::segments $segment [list $at $size]
  tell "address $segment [format 0x%08x $at] [format 0x%x $size]"
}
proc validate_bd_design {} {
  dict for {cell about} $::cells {
    set own {}
    foreach {pin direction kind} [dict get $about pins] { if {[enabled $cell $pin]} { lappend own $pin $direction } }
    if {[dict get $about kind] eq "xlconcat"} { for {set i 0} {$i < [dict get $::configs $cell NUM_PORTS]} {incr i} { lappend own In$i I } }
    foreach {pin direction} $own {
      if {$direction eq "I" && ![dict exists $::driven $cell/$pin]} { refuse "$cell/$pin is not connected" }
    }
    set buses {}
    foreach {bus kind mode clock} [dict get $about buses] { if {[enabled $cell $bus]} { lappend buses $bus $kind $mode } }
    if {[dict get $about kind] eq "smartconnect"} {
      foreach side {S M} { for {set i 0} {$i < [dict get $::configs $cell NUM_${side}I]} {incr i} { lappend buses [format %s%02d_AXI $side $i] any $side } }
    }
    foreach {bus kind mode} $buses {
      if {![dict exists $::joined $cell/$bus]} { refuse "$cell/$bus is not connected" }
      if {$kind eq "lite" && $mode eq "Slave" && ![llength [lsearch -all -inline [dict keys $::segments] $cell/$bus/*]]} { refuse "$cell/$bus has no address" }
    }
  }
  # Streams are as wide at both ends, and a DMA's stream no wider than its memory port.
  set dma [dict get $::configs dma]
  foreach {end width memory} {s_axis c_m_axis_mm2s_tdata_width c_m_axi_mm2s_data_width m_axis c_s_axis_s2mm_tdata_width c_m_axi_s2mm_data_width} {
    if {[dict get $dma $width] != [dict get $::widths core/$end]} { refuse "core/$end is [dict get $::widths core/$end] bits wide and $width [dict get $dma $width]" }
    if {[dict get $dma $width] > [dict get $dma $memory]} { refuse "$width is more than $memory" }
  }
  if {![dict exists $::state memory_mapped]} { refuse "the DMA reaches no memory" }
  put_state validated 1
}
proc save_bd_design {} { need validated "the design is not validated"; put_state saved 1 }
proc generate_target {what file} { need saved "the design is not saved"; if {$what ne "all"} { refuse "no target $what" }; put_state generated 1 }
proc make_wrapper {args} {
  set given [options $args {-files} {-top -import}]
  need generated "nothing is generated"
  put_state wrapped 1
  set file $::folder/hwflow.gen/sources_1/bd/[is design]/hdl/[is design]_wrapper.v
  lappend ::made $file
  return $file
}
proc launch_runs {args} {
  set given [options $args {-to_step -jobs} {}]
  if {[is top] eq {}} { refuse "no top" }
  if {[dict get $given -to_step] ne "write_bitstream"} { refuse "no step [dict get $given -to_step]" }
  set run [file join $::folder hwflow.runs synth_1]
  file mkdir $run
  # Synthesis runs in a folder of its own, and reads memory images from there.
  if {[is memory] ne "0"} {
    set was [pwd]
    cd $run
    uplevel #0 [list source [is memory]]
    cd $was
  }
  foreach file $::files {
    if {[::file extension $file] ni {.sv .verilog}} { continue }
    set channel [open $file]; set text [read $channel]; close $channel
    foreach {- image} [regexp -all -inline {"(memory/[^"]+\.hex)"} $text] {
      if {![file isfile [file join $run $image]]} { refuse "synthesis finds no $image" }
    }
  }
  put_state launched 1
}
proc wait_on_run {name} { get_runs $name; need launched "nothing runs"; put_state ran 1
  set handoff [file join $::folder hwflow.gen sources_1 bd [is design] hw_handoff]
  file mkdir $handoff
  close [open [file join $handoff [is design].hwh] w]
}
proc open_run {name} { need ran "$name did not run"; put_state open 1 }
proc written {kind path} { need open "no open design"; set channel [open $path w]; puts $channel $kind; close $channel; tell "writes [::file tail $path]" }
proc report_utilization {args} { written utilisation [dict get [options $args {-file} {}] -file] }
proc report_timing_summary {args} { written timing [dict get [options $args {-file} {}] -file] }
proc write_hw_platform {args} { written platform [dict get [options $args {-file} {-fixed -include_bit -force}] -file] }
proc write_bitstream {args} { written bitstream [lindex [dict get [options $args {} {-force}] {}] 0] }
