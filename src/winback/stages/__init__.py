"""The stages of the flow, one small file each: a Project in, more of the Project out."""
